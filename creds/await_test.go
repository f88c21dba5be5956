package creds

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAwaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		why := errors.New("why")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, why)
		defer cancel()
		begin := time.Now()
		v, err := await(ctx, func() (string, error) {
			<-release
			return canary, nil
		})
		if v != "" || err != why || time.Since(begin) != 5*time.Second {
			t.Errorf("%q, %v after %v", v, err, time.Since(begin))
		}
	})
}

func TestAwaitContainsPanics(t *testing.T) {
	var nobody *Account
	_, err := await(t.Context(), func() (string, error) { return nobody.Domain, nil })
	if err == nil || !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("error %v", err)
	}
}
