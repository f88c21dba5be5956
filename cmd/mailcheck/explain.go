package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/provider"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// maxPasted bounds what is read of a pasted text: more than any bounce has.
const maxPasted = 1 << 20

// exitNotKnown is the exit status of the commands that look something up, when
// there is nothing to tell.
const exitNotKnown = 1

// explainCommand says what a reply or an error message means.
func (a *app) explainCommand() *cobra.Command {
	var f struct{ protocol, step, provider string }
	var out lookupFlags
	cmd := &cobra.Command{
		Use:   "explain [TEXT]",
		Short: "Say what a server's reply or an error message means",
		Long: `Says what a reply of a mail server means, or an error message, the error number
of a mail program (0x800CCC0E, 10060), or the id of a cause: what it is, how
sure that is, what to do, and what else it may be. The text is an argument, or
comes from standard input; it may have several lines, as a bounce or a log.
Nobody is asked, and no address or secret of the text is repeated.

Exit status: 0 a cause was found, 1 the text is not known, 2 wrong usage.`,
		Example: `  mailcheck explain "535 5.7.139 Authentication unsuccessful, basic authentication is disabled"
  mailcheck explain 0x800CCC0E
  mailcheck explain --protocol imap --provider gmail < error.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.settle(cmd.Flags(), a.env); err != nil {
				return err
			}
			q := diagnose.Question{Protocol: strings.ToLower(f.protocol), Lang: out.language(a.env)}
			if q.Protocol != "" && !slices.Contains(diagnose.Protocols, q.Protocol) {
				return fmt.Errorf("--protocol is one of %s", strings.Join(diagnose.Protocols, ", "))
			}
			if f.step != "" {
				step, known := diagnose.FindStep(f.step)
				if !known {
					return fmt.Errorf("--step is one of %s", strings.Join(diagnose.Steps, ", "))
				}
				q.Step = step
			}
			if f.provider != "" {
				known, ok := provider.Find(f.provider)
				if !ok {
					fmt.Fprintf(a.stderr, "mailcheck: the built-in table has no such provider; the answer is for any\n")
				}
				q.Provider = known
			}
			var err error
			if q.Text, err = a.pasted(cmd.Context(), args); err != nil {
				return err
			}
			return a.explain(q, out)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&f.protocol, "protocol", "", "what spoke: `imap|pop3|smtp|dns|tcp|tls|http-autoconfig|oauth`")
	cmd.Flags().StringVar(&f.step, "step", "", "where it was said, a `STEP` of a report: auth, rcpt, dns, token, ...")
	cmd.Flags().StringVar(&f.provider, "provider", "", "whose server it was: a `NAME`, a domain or an address")
	out.register(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("output", oneOf(lookupFormats))
	return cmd
}

// pastedLast moves a POP3 refusal among the arguments of explain behind "--":
// it begins like a flag.
func pastedLast(args []string) []string {
	refusal := func(arg string) bool { return strings.HasPrefix(arg, "-ERR") }
	if len(args) == 0 || args[0] != "explain" || slices.Contains(args, "--") || !slices.ContainsFunc(args, refusal) {
		return args
	}
	var refusals []string
	others := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		if refusal(arg) {
			refusals = append(refusals, arg)
		}
		return refusal(arg)
	})
	return slices.Concat(others, []string{"--"}, refusals)
}

// explain answers a question.
func (a *app) explain(q diagnose.Question, out lookupFlags) error {
	answer := diagnose.Explain(q)
	var err error
	if out.format == "json" {
		err = render.ExplainJSON(a.stdout, answer)
	} else {
		err = render.Explain(a.stdout, answer, q.Lang, out.options(a))
	}
	switch {
	case err != nil:
		return fail(a.stderr, err)
	case answer.Cause == report.Unknown:
		return exitWith(exitNotKnown)
	}
	return nil
}

// pasted is the text to explain: the arguments, or what comes from standard
// input. An interrupt ends the wait for it.
func (a *app) pasted(ctx context.Context, args []string) (string, error) {
	if len(args) > 0 && !slices.Equal(args, []string{"-"}) {
		text := strings.Join(args, " ")
		if strings.TrimSpace(text) == "" {
			return "", errNothingPasted
		}
		return text, nil
	}
	if _, tty := terminal(a.stdin); tty {
		fmt.Fprintln(a.stderr, "Paste the message, then press Enter and Ctrl-D (on Windows Ctrl-Z and Enter):")
	}
	type read struct {
		text []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(a.stdin, maxPasted))
		done <- read{text, err}
	}()
	select {
	case r := <-done:
		switch {
		case r.err != nil:
			return "", r.err
		case strings.TrimSpace(string(r.text)) == "":
			return "", errNothingPasted
		}
		return string(r.text), nil
	case <-ctx.Done():
		return "", exitWith(report.ExitInterrupted)
	}
}

var errNothingPasted = errors.New("there is no text to explain; give it as an argument or on standard input")
