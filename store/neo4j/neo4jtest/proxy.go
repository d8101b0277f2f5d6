package neo4jtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Faults are what a Proxy does to connections. The zero value is a proxy that does no harm.
type Faults struct {
	// Delay is the longest time that bytes wait before they are forwarded; each time is random.
	Delay time.Duration
	// Slice is the greatest number of bytes that are forwarded in one piece, each of a random size; 0 is no limit.
	Slice int
	// RefuseNew resets new connections at once. Those there are go on.
	RefuseNew bool
	// CutCommits is the share of COMMIT messages, from 0 to 1, at which the connection is cut: at random before the server
	// gets the message, or after the server has answered and before the client gets the answer. Either way the client cannot
	// know which. A query outside of an explicit transaction has no such message.
	CutCommits float64
}

// Cuts counts the connections that were cut at a COMMIT.
type Cuts struct {
	// Before counts those where the server did not get the message.
	Before int
	// After counts those where it did.
	After int
}

// Proxy is a TCP proxy on the loopback interface, in front of a Bolt server, that does faults. Its methods may be called at
// the same time.
type Proxy struct {
	listener *net.TCPListener
	target   string
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mutex  sync.Mutex
	closed bool
	faults Faults
	cuts   Cuts
	links  map[*link]struct{}
	random *rand.Rand
	// The fates of COMMITs have a source of their own, so that they do not depend on how bytes happen to arrive.
	fates *rand.Rand
}

// NewProxy starts a proxy without faults in front of a target such as 127.0.0.1:7687. All that is random follows from the
// seed, as far as messages come in the same order. The context is for connecting to the target, as long as the proxy runs;
// Close ends the proxy. Clients must use the scheme bolt:// with it, since routing would lead them past it.
func NewProxy(ctx context.Context, target string, seed uint64) (*Proxy, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Proxy{
		listener: listener, target: target, cancel: cancel, links: map[*link]struct{}{},
		random: rand.New(rand.NewPCG(seed, 1)), fates: rand.New(rand.NewPCG(seed, 2)),
	}
	p.running.Go(func() { p.accept(ctx) })
	return p, nil
}

// Addr is where the proxy listens, such as 127.0.0.1:40123.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set replaces the faults, for the connections there are as well as for new ones.
func (p *Proxy) Set(faults Faults) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.faults = faults
}

// Cuts gives the counts so far.
func (p *Proxy) Cuts() Cuts {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.cuts
}

// Reset resets all connections there are, both to clients and to the server, and gives their number.
func (p *Proxy) Reset() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for l := range p.links {
		l.reset()
	}
	n := len(p.links)
	clear(p.links)
	return n
}

// Close ends the proxy and its connections, and waits until nothing of it runs.
func (p *Proxy) Close() error {
	p.mutex.Lock()
	p.closed = true
	for l := range p.links {
		l.close()
	}
	p.mutex.Unlock()
	p.cancel()
	err := p.listener.Close()
	p.running.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close a proxy: %w", err)
	}
	return nil
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // of one connection
		}
		p.running.Go(func() { p.connect(ctx, client) })
	}
}

// connect serves one client until the connection ends.
func (p *Proxy) connect(ctx context.Context, client *net.TCPConn) {
	if p.current().RefuseNew {
		reset(client)
		return
	}
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	l := &link{proxy: p, client: client, server: server.(*net.TCPConn), done: make(chan struct{}), conversation: conversation{fate: p.fate}}
	defer l.close()
	if p.add(l) {
		defer p.remove(l)
		l.run()
	}
}

// add says whether the link may run.
func (p *Proxy) add(l *link) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.closed {
		p.links[l] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) remove(l *link) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.links, l)
}

func (p *Proxy) current() Faults {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.faults
}

// fate decides on a COMMIT.
func (p *Proxy) fate() verdict {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case p.fates.Float64() >= p.faults.CutCommits:
		return pass
	case p.fates.IntN(2) == 0:
		p.cuts.Before++
		return cut
	}
	p.cuts.After++
	return last
}

// pause is how long the next bytes wait.
func (p *Proxy) pause() time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.faults.Delay <= 0 {
		return 0
	}
	return time.Duration(p.random.Int64N(int64(p.faults.Delay) + 1))
}

// slice is how many of n bytes go in one piece.
func (p *Proxy) slice(n int) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.faults.Slice <= 0 {
		return n
	}
	return min(n, 1+p.random.IntN(p.faults.Slice))
}
