// Package wellformed reads the outputs of mailcheck as those do for whom they
// are, by parsers that are not the program's own where there are such. It serves
// tests alone.
//
//   - [JUnit] as a CI system that reads test results
//   - [Commands] as GitHub's runner that reads the log of a job
//   - [Markdown] as GitHub that shows the summary of a job
//   - [Plugin] as a monitoring system that has run a plugin
//   - [Metrics] as Prometheus
//   - [Page] as a browser
//
// Each returns what it has read, and an error for whatever its reader would not
// understand, or would obey.
package wellformed
