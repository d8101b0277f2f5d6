package neo4jtest

import (
	"bytes"
	"sync"
)

// verdict is what becomes of bytes on their way through the proxy.
type verdict int

const (
	pass verdict = iota
	last         // they pass, and nothing after them
	cut          // the connection ends before them
)

// conversation follows both directions of one connection, far enough to know which answer belongs to which COMMIT.
type conversation struct {
	// fate is asked once for each COMMIT: pass; cut, before the server gets it; last, after the server has answered.
	fate func() verdict

	mutex    sync.Mutex
	manifest bool
	client   struct {
		handshake []byte
		framing   framing
		messages  int // that get an answer
	}
	server struct {
		handshake []byte
		framing   framing
		answers   int
	}
	doomed int // the number of the request whose answer the client must not see; 0 without one
}

// request takes bytes that the client sent, in order: how many of them, and what becomes of those.
func (c *conversation) request(data []byte) (int, verdict) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at := 0
	for at < len(data) && !clientHandshakeEnds(c.client.handshake, c.manifest) {
		c.client.handshake = append(c.client.handshake, data[at])
		at++
	}
	if !bytes.HasPrefix(c.client.handshake, magic[:min(len(magic), len(c.client.handshake))]) {
		return len(data), pass // not Bolt
	}
	for at < len(data) {
		n, message := c.client.framing.next(data[at:])
		at += n
		if message.length > 0 && message.signature != goodbye {
			c.client.messages++
		}
		if !message.isCommit() {
			continue
		}
		switch fate := c.fate(); fate {
		case pass:
		case last:
			c.doomed = c.client.messages
			return at, fate
		default:
			return at, fate
		}
	}
	return at, pass
}

// answer takes bytes that the server sent, as request does.
func (c *conversation) answer(data []byte) (int, verdict) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at := 0
	for at < len(data) && !serverHandshakeEnds(c.server.handshake) {
		c.server.handshake = append(c.server.handshake, data[at])
		// Known before the client gets these bytes, and so before it acts on them.
		c.manifest = choosesManifest(c.server.handshake)
		at++
	}
	for at < len(data) {
		n, message := c.server.framing.next(data[at:])
		if message.isAnswer() {
			c.server.answers++
			if c.doomed > 0 && c.server.answers >= c.doomed {
				return n, cut
			}
		}
		at += n
		if c.doomed > 0 {
			return at, pass // so that what precedes the doomed answer in this data gets through
		}
	}
	return at, pass
}
