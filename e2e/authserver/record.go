package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"sync"
)

// exchange is a request to an endpoint for programs, and the answer: among
// them every secret that the server knows of a sign-in.
type exchange struct {
	Path   string
	Form   map[string]string
	Status int
	Answer map[string]any
}

// recorder writes down what programs ask and are answered, one line of JSON
// each, before they have the answer.
type recorder struct {
	next http.Handler
	lock sync.Mutex
	out  *os.File
}

// recorded are the endpoints that deal in secrets.
var recorded = map[string]bool{"/oauth/token": true, "/device_authorization": true, "/revoke": true}

// ServeHTTP implements http.Handler.
func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !recorded[r.URL.Path] {
		rec.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	held := &answer{header: http.Header{}, status: http.StatusOK}
	rec.next.ServeHTTP(held, r)
	if err := rec.write(r, body, held); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	maps.Copy(w.Header(), held.header)
	w.WriteHeader(held.status)
	_, _ = w.Write(held.body.Bytes()) // a program that hangs up is seen by its report
}

func (rec *recorder) write(r *http.Request, body []byte, a *answer) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return err
	}
	e := exchange{Path: r.URL.Path, Form: map[string]string{}, Status: a.status}
	for name := range form {
		e.Form[name] = form.Get(name)
	}
	if len(bytes.TrimSpace(a.body.Bytes())) > 0 {
		if err := json.Unmarshal(a.body.Bytes(), &e.Answer); err != nil {
			return fmt.Errorf("the answer of %s: %w", e.Path, err)
		}
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	rec.lock.Lock()
	defer rec.lock.Unlock()
	_, err = rec.out.Write(append(line, '\n'))
	return err
}

// answer is an answer that is held back.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter, as do the methods below.
func (a *answer) Header() http.Header            { return a.header }
func (a *answer) Write(text []byte) (int, error) { return a.body.Write(text) }
func (a *answer) WriteHeader(status int)         { a.status = status }
