package neo4jtest

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is one connection through a proxy.
type link struct {
	proxy          *Proxy
	client, server *net.TCPConn
	conversation   conversation

	once sync.Once
	done chan struct{} // closed by close and reset
}

// run forwards in both directions until both have ended.
func (l *link) run() {
	var directions sync.WaitGroup
	directions.Go(func() { l.pump(l.client, l.server, l.conversation.request) })
	directions.Go(func() { l.pump(l.server, l.client, l.conversation.answer) })
	directions.Wait()
}

// pump forwards what judge lets pass.
func (l *link) pump(from, to *net.TCPConn, judge func([]byte) (int, verdict)) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for data := buffer[:n]; len(data) > 0; {
			taken, verdict := judge(data)
			if verdict == cut || l.forward(to, data[:taken]) != nil {
				l.close()
				return
			}
			if verdict == last {
				return // the answer ends the connection
			}
			data = data[taken:]
		}
		if errors.Is(err, io.EOF) && to.CloseWrite() == nil {
			return // the other direction may have more to say
		}
		if err != nil {
			l.close()
			return
		}
	}
}

func (l *link) forward(to *net.TCPConn, data []byte) error {
	if pause := l.proxy.pause(); pause > 0 {
		select {
		case <-time.After(pause):
		case <-l.done:
			return net.ErrClosed
		}
	}
	for len(data) > 0 {
		n, err := to.Write(data[:l.proxy.slice(len(data))])
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func (l *link) close() {
	l.once.Do(func() {
		close(l.done)
		l.client.Close()
		l.server.Close()
	})
}

func (l *link) reset() {
	l.once.Do(func() {
		close(l.done)
		reset(l.client)
		reset(l.server)
	})
}

// reset closes a connection in such a way that the other end gets an error rather than an end.
func reset(connection *net.TCPConn) {
	connection.SetLinger(0)
	connection.Close()
}
