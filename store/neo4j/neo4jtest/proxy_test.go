package neo4jtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// served runs a server on the loopback interface for the time of the test and gives its address.
func served(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			connection, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			running.Go(func() {
				defer connection.Close()
				serve(connection)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return listener.Addr().String()
}

func echo(connection *net.TCPConn) {
	io.Copy(connection, connection)
	connection.CloseWrite()
}

func proxied(t *testing.T, target string, seed uint64) *Proxy {
	t.Helper()
	proxy, err := NewProxy(t.Context(), target, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return proxy
}

func dialled(t *testing.T, proxy *Proxy) *net.TCPConn {
	t.Helper()
	connection, err := net.Dial("tcp", proxy.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(time.Minute))
	return connection.(*net.TCPConn)
}

// ask sends a byte and waits for one.
func ask(connection net.Conn) error {
	// A reset is told once, to whichever comes first.
	if _, err := connection.Write([]byte("x")); err != nil {
		return err
	}
	_, err := connection.Read(make([]byte, 1))
	return err
}

// askAnew asks on a new connection; it may be reset as early as while it is made.
func askAnew(proxy *Proxy) error {
	connection, err := net.Dial("tcp", proxy.Addr())
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Minute))
	return ask(connection)
}

func TestBytesSurviveDelaysAndSlices(t *testing.T) {
	proxy := proxied(t, served(t, echo), 1)
	random := rand.NewChaCha8([32]byte{1})
	for _, faults := range []Faults{{}, {Slice: 1}, {Slice: 100}, {Delay: 5 * time.Millisecond}, {Slice: 7, Delay: time.Millisecond, CutCommits: 1}} {
		proxy.Set(faults)
		sent := make([]byte, 100_000)
		random.Read(sent)
		connection := dialled(t, proxy)
		var running sync.WaitGroup
		running.Go(func() {
			connection.Write(sent)
			connection.CloseWrite()
		})
		received, err := io.ReadAll(connection)
		running.Wait()
		if err != nil || !bytes.Equal(sent, received) {
			t.Errorf("%+v: %d of %d bytes, equal: %t, error %v", faults, len(received), len(sent), bytes.Equal(sent, received), err)
		}
	}
}

func TestDelay(t *testing.T) {
	proxy := proxied(t, served(t, echo), 1)
	proxy.Set(Faults{Delay: time.Hour})
	connection := dialled(t, proxy)
	connection.Write([]byte("x"))
	connection.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := connection.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a byte that is to wait an hour or so: %v", err)
	}
	// The proxy's Close ends the wait.
}

func TestResetAndRefuse(t *testing.T) {
	ends := make(chan error, 10)
	proxy := proxied(t, served(t, func(connection *net.TCPConn) {
		_, err := io.Copy(connection, connection)
		ends <- err
	}), 1)
	open := dialled(t, proxy)
	if err := ask(open); err != nil {
		t.Fatal(err)
	}

	proxy.Set(Faults{RefuseNew: true})
	if err := askAnew(proxy); err == nil {
		t.Error("a new connection was not refused")
	}
	if err := ask(open); err != nil {
		t.Errorf("refusing new connections ended an old one: %v", err)
	}
	proxy.Set(Faults{})

	if n := proxy.Reset(); n != 1 {
		t.Errorf("%d connections were reset", n)
	}
	if err := ask(open); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the client of a reset connection sees %v", err)
	}
	if err := <-ends; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server of a reset connection sees %v", err)
	}
	if err := ask(dialled(t, proxy)); err != nil {
		t.Errorf("a new connection after Reset: %v", err)
	}
	if n := proxy.Reset(); n != 1 {
		t.Errorf("%d connections were reset the second time", n)
	}
}

func TestTargetIsDown(t *testing.T) {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	if err := askAnew(proxied(t, loopback(port), 1)); err == nil {
		t.Error("a connection to nowhere answers")
	}
}

// bolt is a server that knows handshakes and answers each message with SUCCESS, after a record if it is PULL.
type bolt struct {
	opening, chooses []byte // what the server says, and what the client says after it

	mutex   sync.Mutex
	commits int
}

func (b *bolt) serve(connection *net.TCPConn) {
	if _, err := io.ReadFull(connection, make([]byte, 20)); err != nil {
		return
	}
	connection.Write(b.opening)
	if _, err := io.ReadFull(connection, make([]byte, len(b.chooses))); err != nil {
		return
	}
	var content []byte
	for {
		var size uint16
		if binary.Read(connection, binary.BigEndian, &size) != nil {
			return
		}
		if size > 0 {
			chunk := make([]byte, size)
			if _, err := io.ReadFull(connection, chunk); err != nil {
				return
			}
			content = append(content, chunk...)
			continue
		}
		if len(content) == 0 {
			continue
		}
		switch content[1] {
		case commit:
			b.mutex.Lock()
			b.commits++
			b.mutex.Unlock()
		case 0x3f:
			connection.Write(record)
		}
		connection.Write(succeeded)
		content = nil
	}
}

func (b *bolt) committed() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.commits
}

func TestCommitsAreCutBeforeAndAfter(t *testing.T) {
	for _, opening := range openings {
		for _, faults := range []Faults{{CutCommits: 1}, {CutCommits: 1, Slice: 1}, {CutCommits: 1, Slice: 3, Delay: time.Millisecond}} {
			server := &bolt{opening: opening.server, chooses: opening.chooses}
			proxy := proxied(t, served(t, server.serve), 3)
			proxy.Set(faults)
			for range 20 {
				before, commits := proxy.Cuts(), server.committed()
				answers := slices.Concat(opening.server, succeeded, succeeded, record, succeeded)
				connection := dialled(t, proxy)
				connection.Write(opening.client)
				received := make([]byte, len(opening.server))
				if _, err := io.ReadFull(connection, received); err != nil {
					t.Fatal(err)
				}
				// Byte by byte, which TCP may or may not keep.
				pieces(slices.Concat(opening.chooses, begin, run, noop, pull, noop, committed), 1, func(piece []byte) { connection.Write(piece) })
				rest, _ := io.ReadAll(connection) // an end or a reset
				received = append(received, rest...)
				if slices.Equal(received, append(answers, succeeded...)) {
					t.Fatal("the client got the answer to COMMIT")
				}
				now := proxy.Cuts()
				switch got := server.committed() - commits; now {
				case Cuts{before.Before + 1, before.After}:
					if got != 0 {
						t.Fatalf("%+v: the server got a COMMIT that was to be lost", faults)
					}
				case Cuts{before.Before, before.After + 1}:
					if got != 1 {
						t.Fatalf("%+v: the server got %d COMMITs", faults, got)
					}
					if !bytes.HasPrefix(answers, received[:min(len(received), len(answers))]) {
						t.Fatalf("%+v: received % x", faults, received)
					}
				default:
					t.Fatalf("%+v: cuts went from %+v to %+v", faults, before, now)
				}
			}
			if cuts := proxy.Cuts(); cuts.Before < 3 || cuts.After < 3 {
				t.Errorf("%+v: one kind is rare: %+v", faults, cuts)
			}
		}
	}
}

func TestCommitsPassWithoutFaults(t *testing.T) {
	server := &bolt{opening: openings[0].server}
	proxy := proxied(t, served(t, server.serve), 1)
	connection := dialled(t, proxy)
	connection.Write(slices.Concat(proposals, begin, committed))
	want := slices.Concat(openings[0].server, succeeded, succeeded)
	received := make([]byte, len(want))
	if _, err := io.ReadFull(connection, received); err != nil || !bytes.Equal(received, want) {
		t.Errorf("received % x, error %v", received, err)
	}
	if cuts := proxy.Cuts(); cuts != (Cuts{}) {
		t.Errorf("cuts %+v", cuts)
	}
}
