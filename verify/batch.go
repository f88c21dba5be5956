package verify

import (
	"context"
	"crypto/x509"
	"fmt"
	"iter"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/discover"
	"mailcheck/report"
)

// The measure of a batch. Where BatchOptions names none, the first two hold; the
// third is what the program passes.
const (
	// DefaultJobs is how many accounts are checked at the same time: a check
	// mostly waits for the network.
	DefaultJobs = 8
	// DefaultPerHost leaves room under what servers allow one address: Dovecot
	// ten connections, Gmail fifteen; an account takes one a protocol.
	DefaultPerHost = 2
	// DefaultLoginGap keeps a host below four logins a second, where limits for
	// one address begin.
	DefaultLoginGap = 250 * time.Millisecond
)

// maxWorlds bounds the settings of DNS and roots whose documents are kept
// apart; a file that has more shares less.
const maxWorlds = 16

// Item is one account of a batch.
type Item struct {
	// Name tells it from other items with the same address; may be empty.
	Name    string
	Options Options
}

// BatchOptions shapes a batch. The zero value means the default numbers of
// accounts, and no pause between logins.
type BatchOptions struct {
	Jobs     int           // accounts at the same time; zero means DefaultJobs
	PerHost  int           // accounts at one mail server at the same time; zero means DefaultPerHost
	LoginGap time.Duration // between two logins at one mail server; zero means none
	// Begin is told of an account that begins, End of how it ended, one at a
	// time. The report is nil with an error, which is Run's. After an End that
	// says no, no further account is begun. Nil means nobody, and always.
	Begin func(Item)
	End   func(Item, *report.Report, error) (goOn bool)
	// Run checks one account; nil means the function [Run].
	Run func(context.Context, Options) (*report.Report, error)
}

// Batch checks accounts, some at the same time. It takes an item when there is
// room for it, and keeps none that has ended: however many there are, memory is
// for as many as run. When ctx ends no further one is begun, and those that run
// end as Run's do. The error is a *[Fault] of the batch itself; that of an
// account is told to End.
func Batch(ctx context.Context, items iter.Seq[Item], o BatchOptions) error {
	if o.Jobs == 0 {
		o.Jobs = DefaultJobs
	}
	if o.PerHost == 0 {
		o.PerHost = DefaultPerHost
	}
	if o.Run == nil {
		o.Run = Run
	}
	b := &batch{o: o, hosts: newHosts(o.PerHost, o.LoginGap), documents: map[world]*discover.Documents{}}
	_, err := crash.Contain(ctx, func(ctx context.Context) (struct{}, error) {
		b.run(ctx, items)
		return struct{}{}, nil
	})
	return err
}

// batch is one in progress.
type batch struct {
	o     BatchOptions
	hosts *hosts
	more  context.Context // while further accounts may begin
	stop  context.CancelFunc

	mu        sync.Mutex // guards documents, and calls Begin and End
	documents map[world]*discover.Documents
}

// world is what decides which document a URL leads to.
type world struct {
	dns   string // server, addresses of names, family
	roots *x509.CertPool
}

// run hands the items to as many workers as there are jobs.
func (b *batch) run(ctx context.Context, items iter.Seq[Item]) {
	b.more, b.stop = context.WithCancel(ctx)
	defer b.stop()
	queue := make(chan Item)
	var workers sync.WaitGroup
	for range b.o.Jobs {
		workers.Go(crash.Guard(ctx, func() {
			for item := range queue {
				if b.begin(item) {
					b.check(ctx, item)
				}
			}
		}))
	}
	b.feed(queue, items)
	workers.Wait()
}

// feed puts items into the queue, one when there is a worker for it.
func (b *batch) feed(queue chan<- Item, items iter.Seq[Item]) {
	defer close(queue)
	for item := range items {
		select {
		case queue <- item:
		case <-b.more.Done():
			return
		}
	}
}

// begin tells of an account that begins, if it still may.
func (b *batch) begin(item Item) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more.Err() != nil {
		return false
	}
	if b.o.Begin != nil {
		b.o.Begin(item)
	}
	return true
}

// check checks an account, and tells how it came out.
func (b *batch) check(ctx context.Context, item Item) {
	o := item.Options
	o.hosts, o.documents = b.hosts, b.shared(o)
	rep, err := b.o.Run(ctx, o)
	if rep != nil {
		rep.Name = item.Name
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.o.End != nil && !b.o.End(item, rep, err) {
		b.stop()
	}
}

// shared are the documents that an account has in common with those before it.
func (b *batch) shared(o Options) *discover.Documents {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := world{fmt.Sprint(o.DNS, o.Override, o.Family), o.Roots}
	if b.documents[w] == nil && len(b.documents) < maxWorlds {
		b.documents[w] = &discover.Documents{}
	}
	return b.documents[w]
}
