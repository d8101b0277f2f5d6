package neo4jtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// started gives a server, or leaves the test out as ForTests has it.
func started(t *testing.T, opts Options) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("starts Java")
	}
	opts.Deadline = 4 * time.Minute
	server, err := forTests(t.Context(), Options{}, "", os.Getenv("CI") != "", func(ctx context.Context, _ Options) (*Server, error) {
		return Start(ctx, opts)
	})
	if errors.Is(err, ErrMissing) {
		t.Skipf("%s: %v", LeftOut, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// shakeHands proposes Bolt 5.2 to 5.1 and fails the test unless the server takes one of them. It returns the connection.
func shakeHands(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(time.Minute))
	proposal := []byte{0x60, 0x60, 0xb0, 0x17, 0, 1, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if _, err := connection.Write(proposal); err != nil {
		t.Fatal(err)
	}
	chosen := make([]byte, 4)
	if _, err := io.ReadFull(connection, chosen); err != nil {
		t.Fatal(err)
	}
	if chosen[3] != 5 || chosen[2] > 2 {
		t.Fatalf("the server chose % x", chosen)
	}
	return connection
}

// TestServer is one test because each start takes ten seconds or more.
func TestServer(t *testing.T) {
	const right, wrong = "correct horse", "battery staple"
	server := started(t, Options{Password: right, HeapMiB: 512})
	uri, home := server.URI(), server.Home()
	if server.Password() != right {
		t.Errorf("password %q", server.Password())
	}
	asksForPassword := func() {
		t.Helper()
		if got := logon(t, server.Address(), right); got != success {
			t.Errorf("the right password: answer %#x", got)
		}
		if got := logon(t, server.Address(), wrong); got == success {
			t.Error("a wrong password was taken")
		}
	}
	asksForPassword()

	// A second process on the same files and port fails, and says why.
	second := server.launch
	if _, err := second.start(t.Context()); err == nil || !strings.Contains(err.Error(), "\tat ") {
		t.Errorf("error without a stack trace: %v", err)
	}
	second.deadline = time.Millisecond
	if _, err := second.start(t.Context()); err == nil || !strings.Contains(err.Error(), "not ready after 1ms") {
		t.Errorf("error without the deadline: %v", err)
	}

	if err := server.Restart(t.Context()); err == nil {
		t.Error("a running server was restarted")
	}
	for range 2 { // the second does nothing
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if connection, err := net.Dial("tcp", server.Address()); err == nil {
		connection.Close()
		t.Error("a killed server answers")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if server.URI() != uri || server.Home() != home {
		t.Errorf("at %s in %s after the restart, at %s in %s before it", server.URI(), server.Home(), uri, home)
	}
	asksForPassword()

	// As the system does for a test that was killed.
	server.process.input.Close()
	select {
	case <-server.process.ended:
	case <-time.After(time.Minute):
		t.Fatal("the server outlives its test")
	}
	if server.process.err != nil {
		t.Errorf("not shut down in order: %v%s", server.process.err, server.process.output)
	}

	for range 2 { // the second does nothing
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Stop its home: %v", err)
	}
	if server.Kill() == nil || server.Restart(t.Context()) == nil {
		t.Error("a stopped server was killed or restarted")
	}
}

// logon sends HELLO and LOGON and gives the signature of the answer to the latter.
func logon(t *testing.T, address, password string) byte {
	t.Helper()
	connection := shakeHands(t, address)
	connection.Write(message(slices.Concat([]byte{0xb1, 0x01, 0xa1}, text("user_agent"), text("test/1"))...))
	if got := signature(t, connection); got != success {
		t.Fatalf("the answer to HELLO: %#x", got)
	}
	connection.Write(message(slices.Concat([]byte{0xb1, 0x6a, 0xa3}, text("scheme"), text("basic"), text("principal"), text("neo4j"),
		text("credentials"), text(password))...))
	return signature(t, connection)
}

// text is a text of fewer than 16 bytes in PackStream, Bolt's encoding.
func text(s string) []byte { return append([]byte{0x80 + byte(len(s))}, s...) }

// message frames a message of one chunk.
func message(content ...byte) []byte {
	return slices.Concat([]byte{byte(len(content) >> 8), byte(len(content))}, content, []byte{0, 0})
}

// signature reads one message, which must be a structure, and gives its signature.
func signature(t *testing.T, reader io.Reader) byte {
	t.Helper()
	var content []byte
	for size := make([]byte, 2); ; {
		if _, err := io.ReadFull(reader, size); err != nil {
			t.Fatal(err)
		}
		chunk := make([]byte, int(size[0])<<8|int(size[1]))
		if len(chunk) == 0 && len(content) > 0 {
			return content[1]
		}
		if _, err := io.ReadFull(reader, chunk); err != nil {
			t.Fatal(err)
		}
		content = append(content, chunk...)
	}
}

func TestOutputKeepsTheLastLines(t *testing.T) {
	o := newOutput()
	if o.String() != "" {
		t.Errorf("empty output %q", o.String())
	}
	for range lastLines + 5 {
		o.Write([]byte("line\r\nli"))
		o.Write([]byte("ne\n"))
	}
	select {
	case <-o.ready:
		t.Error("ready too soon")
	default:
	}
	o.Write([]byte("rea"))
	o.Write([]byte("dy\nrest"))
	<-o.ready
	if want := strings.Repeat("\nline", lastLines) + "\nrest"; o.String() != want {
		t.Errorf("output %q", o.String())
	}
}

func TestPomHasTheVersion(t *testing.T) {
	if n := bytes.Count(pom, []byte("<version>"+Version+"</version>")); n != 2 {
		t.Errorf("pom.xml names version %s %d times", Version, n)
	}
}
