package wellformed

import (
	"fmt"
	"slices"
	"strings"
)

// Command is a workflow command.
type Command struct {
	Name       string
	Properties map[string]string
	Data       string
}

// registered are the commands that the runner obeys.
var registered = []string{
	"add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path",
	"notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}

// Commands reads the workflow commands in the log of a job as GitHub's runner
// does (actions/runner, ActionCommand.cs), in its present form ("::error::") and
// its older one ("##[error]"), which it finds anywhere in a line. others are the
// lines that are none.
func Commands(log string) (commands []Command, others []string) {
	for line := range strings.Lines(strings.ReplaceAll(log, "\r", "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if c, ok := command(line); ok {
			commands = append(commands, c)
		} else if c, ok := olderCommand(line); ok {
			commands = append(commands, c)
		} else {
			others = append(others, line)
		}
	}
	return commands, others
}

func command(line string) (Command, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "::")
	if !ok {
		return Command{}, false
	}
	info, data, ok := strings.Cut(rest, "::")
	name, properties, _ := strings.Cut(info, " ")
	if !ok || !slices.Contains(registered, strings.ToLower(name)) {
		return Command{}, false
	}
	c := Command{Name: name, Properties: map[string]string{}, Data: unescape(data)}
	for p := range strings.SplitSeq(strings.TrimSpace(properties), ",") {
		if key, value, ok := strings.Cut(p, "="); ok {
			c.Properties[key] = unescape(strings.NewReplacer("%3A", ":", "%2C", ",").Replace(value))
		}
	}
	return c, true
}

func olderCommand(line string) (Command, bool) {
	_, rest, ok := strings.Cut(line, "##[")
	info, data, closed := strings.Cut(rest, "]")
	name, _, _ := strings.Cut(info, " ")
	return Command{Name: name, Data: data}, ok && closed && slices.Contains(registered, strings.ToLower(name))
}

func unescape(s string) string {
	return strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(s)
}

// Annotations reads an output that is to be workflow commands and nothing else,
// of the kinds that annotate.
func Annotations(log string) ([]Command, error) {
	commands, others := Commands(log)
	if len(others) > 0 {
		return nil, fmt.Errorf("a line that is no command: %q", others[0])
	}
	for _, c := range commands {
		if !slices.Contains([]string{"error", "warning", "notice"}, c.Name) {
			return nil, fmt.Errorf("a command %q", c.Name)
		}
		if len(c.Properties) != 1 || c.Properties["title"] == "" || c.Data == "" {
			return nil, fmt.Errorf("the command %+v", c)
		}
	}
	return commands, nil
}
