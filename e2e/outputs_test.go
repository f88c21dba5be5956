//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mailcheck/internal/render"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// artefacts are what a CI job keeps of a run: a file for each format, called as
// the format is, and the summary of the job.
type artefacts struct {
	dir string
	outcome
}

// inCI runs the program as a CI job does: no keyring, no terminal, a file for
// each format.
func (s *site) inCI(t *testing.T, with session, args ...string) artefacts {
	t.Helper()
	a := artefacts{dir: t.TempDir()}
	for _, f := range render.Formats {
		args = append(args, "-o", f.Name+"="+a.path(f.Name))
	}
	with.env = append(with.env, "CI=true", "GITHUB_STEP_SUMMARY="+a.path("summary"))
	a.outcome = s.run(t, with, args...)
	files, err := os.ReadDir(a.dir)
	if err != nil || len(files) != len(render.Formats)+1 {
		t.Fatalf("%d files, %v\n%s", len(files), err, a.stderr)
	}
	for _, f := range files {
		with.noSecret(t, string(a.read(t, f.Name())))
	}
	if err := json.Unmarshal(a.read(t, "json"), &a.report); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a artefacts) path(name string) string { return filepath.Join(a.dir, name) }

func (a artefacts) read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(a.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A CI job reads its artefacts: those of a healthy account, with the password in
// a file, and those of one that may not send, with the password in the
// environment. The tools of those who read them have no complaint.
func TestAsACIJob(t *testing.T) {
	s := theLab(t)
	s.furnish(t, alice)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(alice.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		account account
		with    session
		args    []string
		exit    int
		word    string
		failure string // the testcase that fails
		command string
		says    string
	}{
		"healthy": {alice, session{}, []string{"--password-file", file}, report.ExitOK, "OK", "", "notice", "ALL IS WELL"},
		"may not send": {nosmtp, session{env: []string{"MAILCHECK_PASSWORD=" + nosmtp.Password}}, nil, report.ExitAuth, "CRITICAL", "smtp.auth", "error",
			"YOU CAN RECEIVE BUT NOT SEND"},
		"no password": {alice, session{}, nil, report.ExitCreds, "UNKNOWN", "creds.password", "error", "NO LOGIN"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.inCI(t, tt.with, append([]string{tt.account.Address}, tt.args...)...)
			if a.exit != tt.exit || a.report.ExitCode != tt.exit {
				t.Errorf("exit status %d, in the report %d, want %d", a.exit, a.report.ExitCode, tt.exit)
			}
			valid(t, a.read(t, "json"))
			s.validXML(t, a.path("junit"))
			checkMetrics(t, a.read(t, "prometheus"))

			results, err := wellformed.JUnit(a.read(t, "junit"))
			if err != nil {
				t.Fatal(err)
			}
			failed := ""
			for _, c := range results.Cases {
				if c.Kind == "failure" {
					failed += c.Name
				}
			}
			if failed != tt.failure {
				t.Errorf("the testcases that failed: %q", failed)
			}
			commands, err := wellformed.Annotations(string(a.read(t, "github")))
			if err != nil || len(commands) == 0 || commands[0].Name != tt.command || !strings.Contains(commands[0].Data, tt.says) {
				t.Errorf("%v: commands %+v", err, commands)
			}
			plugin, err := wellformed.Plugin(string(a.read(t, "nagios")))
			if err != nil || plugin.Word != tt.word {
				t.Errorf("%v: %+v", err, plugin)
			}
			page, err := wellformed.Page(a.read(t, "html"))
			if err != nil || !strings.Contains(page, tt.says) {
				t.Errorf("%v: the page says %s", err, page)
			}
			summary, err := wellformed.Markdown(a.read(t, "summary"))
			if err != nil || !strings.Contains(summary, tt.says) {
				t.Errorf("%v: the summary says %s", err, summary)
			}
		})
	}
}

// What the unit tests hold to our own parsers, hostile words among it, passes
// those of others too.
func TestOthersReadTheGoldenFiles(t *testing.T) {
	s := theLab(t)
	for pattern, check := range map[string]func(string){
		"*.junit.golden": func(file string) { s.validXML(t, file) },
		"*.prometheus.golden": func(file string) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkMetrics(t, data)
		},
	} {
		files, err := filepath.Glob(filepath.Join("..", "internal", "render", "testdata", pattern))
		if err != nil || len(files) < 2 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			check(file)
		}
	}
}

// validXML holds test results to their schema, by xmllint.
func (s *site) validXML(t *testing.T, file string) {
	t.Helper()
	schema, err := testdata.ReadFile("testdata/junit.xsd")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "junit.xsd")
	if err := os.WriteFile(path, schema, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("xmllint", "--nonet", "--noout", "--schema", path, file).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// checkMetrics holds metrics to promtool.
func checkMetrics(t *testing.T, data []byte) {
	t.Helper()
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// Where the exporter and Prometheus of the test listen.
const (
	exporterAddress   = siteIP + ":9100"
	prometheusAddress = siteIP + ":9090"
)

// A Prometheus scrapes the files of two accounts by way of the textfile
// collector, and answers what an administrator asks it.
func TestPrometheusScrapes(t *testing.T) {
	s := theLab(t)
	s.furnish(t, alice)
	dir := t.TempDir()
	for _, a := range []account{alice, nosmtp} {
		s.run(t, session{stdin: a.Password + "\n"}, a.Address, "--password-stdin", "-o", "prometheus="+filepath.Join(dir, a.Address+".prom"))
	}
	s.startTextfileCollector(t, dir)
	s.startPrometheus(t)
	ask := func(query string) map[string]float64 {
		got, err := queryPrometheus(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		return got
	}
	for query, want := range map[string]map[string]float64{
		`node_textfile_scrape_error`: {"": 0},
		`mailcheck_success`:          {alice.Address: 1, nosmtp.Address: 0},
		`mailcheck_exit_code`:        {alice.Address: report.ExitOK, nosmtp.Address: report.ExitAuth},
		`mailcheck_verdict{direction="send",result="fail"} == 1`:                          {nosmtp.Address: 1},
		`mailcheck_step_success{check="smtp",step="auth"} == 0`:                           {nosmtp.Address: 0},
		`mailcheck_failure_info{step="smtp.auth"}`:                                        {nosmtp.Address: 1},
		`time() - mailcheck_run_timestamp_seconds < bool 600`:                             {alice.Address: 1, nosmtp.Address: 1},
		`min by (account) (mailcheck_certificate_expiry_timestamp_seconds) > bool time()`: {alice.Address: 1, nosmtp.Address: 1},
		`count by (account) (mailcheck_delivery_seconds >= 0)`:                            {alice.Address: 1},
	} {
		if got := ask(query); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// startTextfileCollector starts a node exporter for the files of a directory and
// nothing else.
func (s *site) startTextfileCollector(t *testing.T, dir string) {
	t.Helper()
	exporter, err := startDaemon(s.path("node-exporter.log"), nil, nil, "prometheus-node-exporter",
		"--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory="+dir, "--web.listen-address="+exporterAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exporter.stop)
	if err := exporter.ready(func(ctx context.Context) error {
		_, err := get(ctx, "http://"+exporterAddress+"/metrics")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// startPrometheus starts a Prometheus that scrapes the exporter, and waits until
// it has done so.
func (s *site) startPrometheus(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := "scrape_configs:\n  - job_name: node\n    scrape_interval: 200ms\n    scrape_timeout: 200ms\n    static_configs:\n      - targets: ['" + exporterAddress + "']\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	prometheus, err := startDaemon(s.path("prometheus.log"), nil, nil, "prometheus",
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+prometheusAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(prometheus.stop)
	if err := prometheus.ready(func(ctx context.Context) error {
		up, err := queryPrometheus(ctx, "up == 1")
		if err == nil && len(up) == 0 {
			err = fmt.Errorf("nothing is scraped yet")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// queryPrometheus asks for the values of a query, by account.
func queryPrometheus(ctx context.Context, query string) (map[string]float64, error) {
	body, err := get(ctx, "http://"+prometheusAddress+"/api/v1/query?query="+url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any // when, and the value as a string
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		if values[r.Metric["account"]], err = strconv.ParseFloat(text, 64); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", response.Status, b.String())
	}
	return b.Bytes(), nil
}
