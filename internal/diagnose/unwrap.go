package diagnose

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"mailcheck/internal/lazyre"
	"mailcheck/report"
)

// maxHeard bounds what of a text is read, at its beginning and at its end:
// there programs and servers say what happened.
const maxHeard = 2 << 10

func bounded(text string) string {
	if len(text) <= 2*maxHeard {
		return text
	}
	return text[:maxHeard] + "\n" + text[len(text)-maxHeard:]
}

// unwrap reads a pasted text: a reply as it came, or what a program made of it.
// What the user told of it (protocol, step) goes before what it shows.
func unwrap(text, protocol, step string) heard {
	text = unescaped(bounded(diagnostics(decoded(text))))
	text = glued.ReplaceAllString(text, "$1 $2")
	text = underscored.replaceFunc(text, func(words string) string { return strings.ReplaceAll(words, "_", " ") })
	if challenge := challenges(text); challenge != "" {
		text += "\n" + challenge
	}
	if words := wordsOfConstants(text); words != "" {
		text += "\n" + words
	}
	if chinese := restored(text); chinese != "" {
		text += "\n" + chinese
	}
	h := heard{protocol: cmp.Or(protocol, notMail(text)), step: step}
	h.findStatus(text)
	h.findCode(text)
	h.findCircumstances(text)
	h.hosts = folded(strings.Join(saidBy.findAll(text), "\n"), "")
	h.verbatim = h.withoutCodes(text)
	h.folds = folded(h.verbatim, h.enhanced)
	return h
}

// glued is a status and the server's own code without a space between them, as
// NetEase has it ("421HL:REP").
var glued = lazyre.New(`(?m)^([245]\d\d)([A-Z]{2}:)`)

// underscored is what qmail writes into its log of a delivery: a sentence
// without blanks ("192.0.2.1_does_not_like_recipient./Remote_host_said:_550_No").
var underscored = sieveOf(`\S*(?:_said:_|_does_not_like_|_failed\._|/Giving_up_on_|_\(#[45]\.\d\.\d{1,3}\))\S*`,
	"_said:_", "_does_not_like_", "_failed._", "/Giving_up_on_", "_(#")

// constant is a name that programs have for an error, made of words.
var constant = lazyre.New(`\b[A-Z]{2,}(?:_[A-Z]{2,})+\b`)

// wordsOfConstants are the words of such names: STARTTLS_NOT_SUPPORTED says what
// a sentence of those words says.
func wordsOfConstants(text string) string {
	if !strings.Contains(text, "_") {
		return ""
	}
	return strings.ReplaceAll(strings.Join(constant.FindAllString(text, -1), "\n"), "_", " ")
}

// diagnostic is the field of a bounce that has the server's words (RFC 3464
// section 2.3.6), with its continuation lines.
var diagnostic = lazyre.New(`(?mi)^diagnostic-code:[^\n]*(?:\n[ \t]+[^\n]*)*`)

// diagnostics reduces a bounce to what servers said. Any other text stays.
func diagnostics(text string) string {
	if found := diagnostic.FindAllString(text, -1); found != nil {
		return strings.Join(found, "\n")
	}
	return text
}

// jsonBase64 is the beginning of a JSON object in base64.
var jsonBase64 = lazyre.New(`eyJ[A-Za-z0-9+/_-]{8,}`)

// challenges decodes the answers of XOAUTH2 and OAUTHBEARER to a token that is
// not accepted: JSON in base64 (RFC 7628 section 3.2.2).
func challenges(text string) string {
	var found []string
	for _, encoded := range jsonBase64.FindAllString(text, -1) {
		encoded = encoded[:len(encoded)/4*4] // a pasted one may be cut off
		if b, err := base64.StdEncoding.DecodeString(encoded); err == nil && strings.Contains(string(b), `"status"`) {
			found = append(found, string(b))
		}
	}
	return strings.Join(found, "\n")
}

var (
	// smtpCode is what may be an SMTP reply code, with what stands before it.
	smtpCode = lazyre.New(`(^|[^0-9A-Za-z.:[\]\-@/]|":|\b(?i:reason|server|said|failed|error|code|status|reply|response):|(?:^|[ :])\[)([2345]\d\d)(?:[ -]#?\(?#?([245]\.\d{1,3}\.\d{1,3})\b|, ?b?['"]|[ -]|["':,;)\]\r\n]|$)`)
	// smtpEnhanced is an enhanced status code; an IP address has more parts.
	smtpEnhanced = lazyre.New(`(?:^|[^0-9.])([45]\.\d{1,3}\.\d{1,3})(?:[^0-9.]|\.?(?:\s|$)|$)`)
	// imapStatus is a status response, tagged or not, or one that a program
	// quotes.
	imapStatus = lazyre.New(`(?m)(?:^\s*(?:[A-Za-z0-9.*]{1,16} )?|["':>] ?(?:[A-Za-z0-9.*]{1,16} )?|\* |response \(|# \[)(NO|BAD|BYE)(?: |$|\r|['"] re|\)|,)`)
	pop3Status = lazyre.New(`(?:^|[^\w])([-+]ERR)\b`)
	// leadingStatus begins a line; "NO mailbox" is not to be read as words.
	leadingStatus = lazyre.New(`(?m)^(\s*)(?:[A-Za-z0-9.*]{1,16} )?(?:NO|BAD|BYE|[-+]ERR) `)
	replyCode     = lazyre.New(`\[([A-Z][A-Z0-9/-]{2,30})(?: [^\]\n]{0,300})?\]`)
	// introduces is what stands before a reply code that a program quotes, quotes
	// what may be a program's sign for it, and notAReply what stands before other
	// numbers.
	introduces = lazyre.New(`(?i)(?:said|says|code|error|reply|replied|response|responded|server|status|answer|failed|rejected|smtp;|exception|message|login|returned|after [a-z ]+)[^\n]{0,40}[:("'=\s]\s*$`)
	quotes     = lazyre.New(`(?:: ?|[<>] ?|[(\[])$`)
	notAReply  = lazyre.New(`(?i)\b(?:port|line|size|ssl|limit|timeout|http(?:/\d(?:\.\d)?)?|status code|max|after|of|exit(?: code)?|id|took)[ :=(]*$`)
)

// inReplyTo is what Postfix writes behind a server's words; "command" is not one
// of them.
var inReplyTo = sieveOf(`\(in reply to (?:end of )?[A-Z]{4}(?: [A-Z]{2,4})? command\)`, "(in reply to")

// logFrame is what mail servers write in their logs around another's words:
// the names of their fields ("relay=", "helo="; the values stay), what became of
// the mail, who was refused (Postfix), and whose words those are (qmail); the
// sentences of Exim and Thunderbird; and the time that Jakarta Mail would have
// waited for a connection. "Relay", "helo" and "bounced" would be taken for what
// the refusal is about.
var logFrame = sieveOf(`\bstatus=(?:bounced|deferred|undeliverable)\b|`+
	`\b(?:relay|helo|proto|from|to|orig_to|client|delays?|xdelay|ctladdr|mailer|sasl_method|sasl_username)=|`+
	`\b(?:milter-)?reject: [A-Z-]+ from \S+\[[^\]\n]*\](?::\d+)?:|`+
	`\bSMTP error from remote (?:mail server|mailer)(?: after [^\n]{0,100}?: host \S+ \[[^\]\n]*\]:)?|\brefused to talk to me:|`+
	`An error occurred (?:while )?sending mail[.:]? The mail server responded:|\bPlease (?:check|verify) [^.\n]{0,80}try again\.|`+
	`does not like (?:recipient|sender)\.|\b[Rr]emote host said:|\bGiving up on \S+|; timeout -?\d+`,
	"status=", "relay=", "helo=", "proto=", "from=", "to=", "client=", "delay", "ctladdr=", "mailer=", "sasl_method=", "sasl_username=",
	"reject: ", "SMTP error from remote", "refused to talk to me:", "An error occurred", "Please ", "does not like", "emote host said:",
	"Giving up on", "; timeout")

// programFrame is what programs write around a server's words: which command
// failed and the fields of the reply (PHPMailer), and where in the program that
// was (JavaScript, Java, .NET, Python).
var programFrame = sieveOf(`(?m)\bSMTP server error: (?:[A-Z ]{0,20}command failed)?|\b(?:Detail|Additional SMTP info): |\bSMTP code: [45]\d\d\b|`+
	`^\s+File "[^"\n]*", line \d+.*\n\s+.*$|^\s+at [\w$.<>\[\]/ ]+\(?[^\s()]*\)?.*$`,
	"SMTP server error: ", "Detail: ", "SMTP info: ", "SMTP code: ", "File \"", "at ")

// ofStatus is what .NET says for the status of a reply before it quotes the
// words of it.
var ofStatus = sieveOf(`\b(?:Mailbox unavailable|Mailbox name not allowed|Transaction failed|Error in processing|Exceeded storage allocation|`+
	`Syntax error[^.\n]{0,40}|User not local[^.\n]{0,60}|Bad sequence of commands|Command [^.\n]{0,20}not implemented)\. The server response was:`,
	"The server response was:")

// loginFrame is what programs say of a login before they quote the reply, which
// says why.
var loginFrame = sieveOf(`\bAuthenticationFailedException:|\bFailed to authenticate on SMTP server[^\n]{0,160}? returned\b|`+
	`\bLogin to server \S+ with username \S+ failed\.|\bAuthorization failure on \S+|\bSASL authentication failed; server \S+ said:`,
	"AuthenticationFailedException:", "Failed to authenticate", "Login to server", "Authorization failure", "SASL authentication failed")

// saidBy is what Postfix, Exim and Sendmail write before a server's words. The
// name of that server tells who speaks, and nothing of what it says
// ("mx.example.org", "spam.example.org").
var saidBy = sieveOf(`\bhost \S+ (?:said|refused to talk to me):|\bhost \S+ \[[0-9A-Fa-f.:]+\]:|\bwhile talking to \S+:`,
	"host ", "while talking to")

// transcript are the lines of a server in a session that Sendmail shows. What it
// adds of its own is the same for all of them: "User unknown" for any 550.
var transcript = sieveOf(`(?m)^[ \t]*<<<[ \t]*[45][^\n]*`, "<<<")

// localPart is that of an address: "spam@" or "login@" would be taken for what the
// refusal is about.
var localPart = sieveOf(`[\w.+-]+@\b`, "@")

// spokenFor are local parts that are words: those of examples of an address, and
// the ones by which a server is known.
var spokenFor = []string{"user@", "name@", "username@", "kefu@", "tobr@", "billing@"}

// unnamed is a local part that says nothing.
func unnamed(local string) string {
	if slices.Contains(spokenFor, strings.ToLower(local)) {
		return local
	}
	return "x@"
}

// replyCodes are the response codes by which IMAP and POP3 are known.
var replyCodes = []string{
	"ALERT", "AUTH", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "CANNOT", "CLIENTBUG", "CONTACTADMIN", "CORRUPTION", "EXPIRED",
	"EXPUNGEISSUED", "IN-USE", "INUSE", "LIMIT", "LOGIN-DELAY", "NONEXISTENT", "NOPERM", "OVERQUOTA", "PRIVACYREQUIRED", "REFERRAL", "SERVERBUG",
	"SYS/PERM", "SYS/TEMP", "THROTTLED", "TOOBIG", "TRYCREATE", "UNAVAILABLE", "WEBALERT", "ALREADYEXISTS", "BADCHARSET", "PARSE",
}

// findStatus looks for the status of a reply, and takes its form for the
// protocol's where that is not known.
func (h *heard) findStatus(text string) {
	may := func(p report.Protocol) bool { return h.protocol == "" || h.protocol == string(p) }
	if may(report.POP3) {
		if m := pop3Status.FindStringSubmatch(text); m != nil {
			h.status, h.protocol = m[1], string(report.POP3)
			return
		}
	}
	if may(report.IMAP) {
		// What is tagged comes last and decides; untagged lines explain it.
		if m := imapStatus.FindAllStringSubmatch(text, -1); m != nil {
			h.status, h.protocol = m[len(m)-1][1], string(report.IMAP)
			return
		}
	}
	if may(report.SMTP) {
		if status, enhanced := smtpReplyIn(text); status != "" {
			h.status, h.enhanced, h.protocol = status, enhanced, string(report.SMTP)
		}
		if h.enhanced == "" {
			if m := smtpEnhanced.FindStringSubmatch(text); m != nil {
				h.enhanced = m[1]
			}
		}
		if h.enhanced != "" {
			h.protocol = string(report.SMTP)
		}
	}
}

// smtpReplyIn finds the reply code that most looks like one: at the beginning
// of a line or with an enhanced code behind it, then one that is introduced
// as what a server said.
func smtpReplyIn(text string) (status, enhanced string) {
	best := 0
	for from := 0; from < len(text); {
		at := smtpCode.FindStringSubmatchIndex(text[from:])
		if at == nil {
			break
		}
		before, code := text[:from+at[3]], text[from+at[4]:from+at[5]]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		rank := 0
		switch {
		case code[0] < '4', code[1] > '5' && code != "571", notAReply.MatchString(line): // RFC 5321 section 4.2.1; 571: Sendmail
		case at[6] >= 0 && text[from+at[6]] == code[0]:
			rank = 4
		case strings.TrimSpace(line) == "":
			rank = 3
		case introduces.MatchString(line):
			rank = 2
		case quotes.MatchString(line):
			rank = 1
		}
		if rank > best {
			best, status, enhanced = rank, code, ""
			if rank == 4 {
				enhanced = text[from+at[6] : from+at[7]]
			}
		}
		from += at[5]
	}
	return status, enhanced
}

// findCode looks for a response code of IMAP or POP3.
func (h *heard) findCode(text string) {
	if h.protocol == string(report.SMTP) {
		return
	}
	for _, m := range replyCode.FindAllStringSubmatch(text, -1) {
		// ALERT and WEBALERT only say that the text is for people.
		if slices.Contains(replyCodes, m[1]) && (h.code == "" || h.code == "ALERT" || h.code == "WEBALERT") {
			h.code = m[1]
		}
	}
	if h.protocol == "" && h.code != "" {
		h.protocol = string(report.IMAP)
		if slices.Contains([]string{"AUTH", "IN-USE", "LOGIN-DELAY", "SYS/PERM", "SYS/TEMP"}, h.code) {
			h.protocol = string(report.POP3)
		}
	}
}

// clues are what programs write around a reply that tells the protocol or the
// step. The first that is found counts.
var clues = []struct {
	words          *lazyre.Regexp // of a text in lower case
	protocol, step string
}{
	{words: lazyre.New(`in reply to (?:end of )?rcpt|after rcpt to|rcpt to:? ?<|smtprecipientsrefused|recipients? (?:was|were) rejected|(?:all|some) recipients|reject: rcpt from|does not like recipient`), protocol: "smtp", step: "rcpt"},
	{words: lazyre.New(`in reply to mail from|after mail from|smtpsenderrefused|mail from:? ?<|during mail from|reject: mail from|does not like sender`), protocol: "smtp", step: "mail"},
	{words: lazyre.New(`in reply to (?:end of )?data|after (?:end of )?data|end of data|smtpdataerror|reject: (?:data|end-of-message) from|failed after i sent the message`), protocol: "smtp", step: "data"},
	{words: lazyre.New(`in reply to (?:ehlo|helo)|after (?:ehlo|helo)|smtpheloerror|reject: (?:ehlo|helo) from`), protocol: "smtp", step: "ehlo"},
	{words: lazyre.New(`initial (?:server )?greeting|smtpconnecterror|initial connection|refused to talk to me`), protocol: "smtp", step: "greeting"},
	{words: lazyre.New(`smtpauthenticationerror|in reply to auth|after auth\b|\bcommand: ?['"]?auth\b`), protocol: "smtp", step: "auth"},
	{words: lazyre.New(`\beauth\b|authenticationfailedexception|invalid login:|authfail|0x800ccc9[12]`), step: "auth"},
	{words: lazyre.New(`\b(?:select|examine)\b.{0,30}\b(?:no|bad)\b|examine command|select command`), protocol: "imap", step: "mailbox"},
	{words: lazyre.New(`login command error|authenticate command error`), protocol: "imap", step: "auth"},
}

// names are what protocols are called by; what names one alone is about it.
var names = []struct {
	words    *lazyre.Regexp
	protocol report.Protocol
}{
	{lazyre.New(`(?i)\bimap4?s?\b|imaplib`), report.IMAP},
	{lazyre.New(`(?i)\bpop3?s?\b|poplib`), report.POP3},
	{lazyre.New(`(?i)\bsmtps?\b|smtplib|\bSMTP[A-Z]\w+`), report.SMTP},
}

var (
	tokenWords    = sieveOf(`\bxoauth2\b|\boauthbearer\b|accesstoken|access token`, "oauth", "access")
	passwordWords = sieveOf(`\bauth(?:enticate)? (?:plain|login|cram-md5)\b`, "auth")
	portWords     = lazyre.New(`(?:port[: ]{1,2}|ポート: ?|:)(\d{2,5})\b`)
	httpWords     = lazyre.New(`(?i)\bhttp(?:/\d(?:\.\d)?)? ?(?:status |error |code |response )*:? ?[45]\d\d\b|\bstatus code:? ?[45]\d\d\b|` +
		`\b(?:400 bad request|401 unauthorized|403 forbidden|404 not found|405 method not|410 gone|500 internal server error|502 bad gateway|503 service unavailable|504 gateway time)|` +
		`autodiscover|autoconfig|<errorcode>`)
	oauthWords = lazyre.New(`AADSTS\d+|"error"\s*:|invalid_grant|error_description|redirect_uri_mismatch|googleapi: Error 40[01]`)
)

// findCircumstances reads what stands around a reply.
func (h *heard) findCircumstances(text string) {
	lower := strings.ToLower(text)
	for _, c := range clues {
		if h.step == "" && (h.protocol == "" || c.protocol == "" || h.protocol == c.protocol) && c.words.MatchString(lower) {
			h.step = c.step
			if h.protocol == "" {
				h.protocol = c.protocol
			}
		}
	}
	if h.protocol == "" {
		h.protocol = named(text)
	}
	if h.step == "" && (slices.Contains(loginCodes, h.status) || slices.Contains(loginCodes, h.enhanced)) {
		h.step = "auth"
	}
	switch {
	case tokenWords.matches(lower):
		h.secret = tokenSecret
	case passwordWords.matches(lower):
		h.secret = passwordSecret
	}
	for _, m := range portWords.FindAllStringSubmatch(lower, -1) {
		if port, err := strconv.Atoi(m[1]); err == nil && h.port == 0 && port < 1<<16 {
			h.port = port
		}
	}
}

// notMail tells a text that is about another protocol than those of mail;
// empty for any other.
func notMail(text string) string {
	switch {
	case oauthWords.MatchString(text):
		return OAuth
	case httpWords.MatchString(text):
		return HTTPAutoconfig
	}
	return ""
}

// named is the one protocol of mail that a text is about; empty for none or
// several.
func named(text string) string {
	var found []string
	for _, n := range names {
		if n.words.MatchString(text) {
			found = append(found, string(n.protocol))
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// loginCodes are said of logins alone (RFC 4954 section 6, RFC 5248; 526 is of
// some servers).
var loginCodes = []string{"432", "525", "526", "534", "535", "538", "4.7.8", "5.7.8", "5.7.139"}

// withoutCodes takes the status and the enhanced code off each line, so that
// sentences go on from one line to the next.
func (h *heard) withoutCodes(text string) string {
	if said := transcript.findAll(text); said != nil {
		text = strings.ReplaceAll(strings.Join(said, "\n"), "<<<", "")
	}
	if h.code != "" {
		text = replyCode.ReplaceAllStringFunc(text, func(code string) string {
			if name, _, _ := strings.Cut(code[1:], " "); slices.Contains(replyCodes, strings.TrimSuffix(name, "]")) {
				return ""
			}
			return code
		})
	}
	text = ofStatus.replace(text, " ")
	if h.status != "" {
		text = loginFrame.replace(text, " ")
	}
	text = logFrame.replace(text, " ")
	text = programFrame.replace(saidBy.replace(text, " "), " ")
	text = localPart.replaceFunc(text, unnamed)
	text = inReplyTo.replace(leadingStatus.ReplaceAllString(text, "$1"), "")
	if h.protocol != string(report.SMTP) || h.status == "" {
		return text
	}
	if h.enhanced != "" {
		text = strings.NewReplacer(h.status+"-"+h.enhanced, " ", h.status+" "+h.enhanced, " ").Replace(text)
	}
	return strings.ReplaceAll(text, h.status+"-", " ")
}
