package neo4jtest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

var (
	proposals = slices.Concat(magic, []byte{0, 0, 1, 0xff}, []byte{0, 8, 8, 5}, []byte{0, 2, 4, 4}, []byte{0, 0, 0, 3})
	noop      = []byte{0, 0}
	begin     = message(0xb1, 0x11, 0xa0)
	run       = message(0xb3, 0x10, 0x81, 'x', 0xa0, 0xa0)
	pull      = message(0xb1, 0x3f, 0xa0)
	committed = message(0xb0, commit)
	record    = message(0xb1, 0x71, 0x91, 1)
	succeeded = message(0xb1, success, 0xa0)
	failed    = message(0xb1, failure, 0xa0)
	skipped   = message(0xb0, ignored)
)

// openings are the handshakes that there are: what the client sends first, what the server does, and the client's choice.
var openings = []struct {
	name                    string
	client, server, chooses []byte
}{
	{"chosen by the server", proposals, []byte{0, 0, 4, 5}, nil},
	// Two offers; masks of one byte and of two. The choice looks like the size of a chunk, and the mask like the end of one.
	{"manifest", proposals, []byte{0, 0, 1, 0xff, 2, 0, 8, 8, 5, 0, 2, 4, 4, 0x81, 0}, []byte{0, 0, 8, 5, 0x80, 0}},
}

// decoys hold COMMIT's bytes without being COMMIT.
func decoys() []byte {
	inside := message(0xb3, 0x10, 0, 2, 0xb0, commit, 0, 0, 0xa0)
	inSecondChunk := []byte{0, 2, 0xb3, 0x10, 0, 2, 0xb0, commit, 0, 0}
	withMore := []byte{0, 2, 0xb0, commit, 0, 1, 7, 0, 0}
	long := slices.Concat([]byte{0xff, 0xff}, bytes.Repeat([]byte{0xb0, commit}, 0xffff)[:0xffff], []byte{0, 2, 0xb0, commit, 0, 0})
	return slices.Concat(inside, inSecondChunk, withMore, noop, long)
}

// pieces calls do with data cut into pieces of n bytes.
func pieces(data []byte, n int, do func([]byte)) {
	for piece := range slices.Chunk(data, n) {
		do(piece)
	}
}

func TestCommitIsFoundHoweverItArrives(t *testing.T) {
	commits := [][]byte{
		committed,
		slices.Concat(noop, committed, noop),
		{0, 1, 0xb0, 0, 1, commit, 0, 0}, // in two chunks
	}
	for _, opening := range openings {
		for which, arrives := range commits {
			for _, size := range []int{1, 2, 3, 5, 7, 1000, 1 << 20} {
				t.Run(fmt.Sprintf("%s/%d/%d", opening.name, which, size), func(t *testing.T) {
					asked := 0
					c := conversation{fate: func() verdict { asked++; return pass }}
					feed := func(piece []byte) {
						if n, v := c.request(piece); n != len(piece) || v != pass {
							t.Fatalf("%d of %d bytes, verdict %d", n, len(piece), v)
						}
					}
					pieces(opening.client, size, feed)
					pieces(opening.server, size, func(piece []byte) { c.answer(piece) })
					pieces(slices.Concat(opening.chooses, noop, begin, decoys()), size, feed)
					if asked != 0 {
						t.Fatal("something else was taken for COMMIT")
					}
					pieces(arrives, size, feed)
					if asked != 1 {
						t.Fatalf("COMMIT was found %d times", asked)
					}
				})
			}
		}
	}
}

func TestAnswerToCommitIsHeldBack(t *testing.T) {
	for _, opening := range openings {
		for _, size := range []int{1, 2, 3, 5, 7, 1000} {
			t.Run(fmt.Sprintf("%s/%d", opening.name, size), func(t *testing.T) {
				c := conversation{fate: func() verdict { return last }}
				c.request(opening.client)
				c.answer(opening.server)
				c.request(opening.chooses)
				// All requests at once; the server has answered the first of them only.
				sent := slices.Concat(begin, run, pull, committed)
				if n, v := c.request(slices.Concat(sent, begin)); n != len(sent) || v != last {
					t.Fatalf("%d of %d bytes, verdict %d", n, len(sent), v)
				}
				before := slices.Concat(succeeded, noop, succeeded, record, record, failed)
				var passed []byte
				ended := false
				for piece := range slices.Chunk(slices.Concat(before, record, skipped, succeeded), size) {
					for len(piece) > 0 && !ended {
						n, v := c.answer(piece)
						if ended = v == cut; !ended {
							passed = append(passed, piece[:n]...)
							piece = piece[n:]
						}
					}
				}
				if !ended {
					t.Error("the answer to COMMIT passed")
				}
				if !bytes.HasPrefix(passed, before) {
					t.Errorf("passed % x, and before the answer came % x", passed, before)
				}
			})
		}
	}
}

func TestGoodbyeGetsNoAnswer(t *testing.T) {
	c := conversation{}
	c.request(slices.Concat(proposals, begin, message(0xb0, goodbye)))
	if c.client.messages != 1 {
		t.Errorf("%d answers are due", c.client.messages)
	}
}

func TestWhatIsNotBoltPasses(t *testing.T) {
	c := conversation{fate: func() verdict { t.Error("COMMIT was found"); return cut }}
	pieces(slices.Concat([]byte("GET / HTTP/1.1\r\n\r\n...."), committed, committed), 3, func(piece []byte) {
		if n, v := c.request(piece); n != len(piece) || v != pass {
			t.Fatalf("%d of %d bytes, verdict %d", n, len(piece), v)
		}
	})
}
