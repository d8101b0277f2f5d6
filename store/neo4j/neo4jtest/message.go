package neo4jtest

// The signatures of those of Bolt's messages that the proxy tells from others.
const (
	goodbye = 0x02 // the one request without an answer
	commit  = 0x12
	success = 0x70
	ignored = 0x7e
	failure = 0x7f
)

// envelope is what the proxy knows of a message: the first two bytes, which are a structure's marker and signature, and the
// length. Without a message it is zero.
type envelope struct {
	marker, signature byte
	length            int
}

// isCommit: a structure without fields, and nothing after it.
func (e envelope) isCommit() bool {
	return e == envelope{marker: 0xb0, signature: commit, length: 2}
}

// isAnswer: each request but GOODBYE gets exactly one of these, in order, after any number of records.
func (e envelope) isAnswer() bool {
	return e.length > 0 && (e.signature == success || e.signature == ignored || e.signature == failure)
}

// framing follows a stream of messages. A message is chunks, each behind its size in two bytes, and ends with a chunk of size
// 0; between messages such a chunk means nothing. Nothing of that keeps to the boundaries of reads.
type framing struct {
	size    int
	sized   int // bytes of the size so far
	left    int // bytes of the chunk to come
	message envelope
}

// next takes data up to the end of a message, and gives the number of bytes and that message, or else all data.
func (f *framing) next(data []byte) (int, envelope) {
	for at := 0; at < len(data); {
		if f.left > 0 {
			chunk := data[at:min(at+f.left, len(data))]
			f.add(chunk)
			f.left -= len(chunk)
			at += len(chunk)
			continue
		}
		f.size = f.size<<8 | int(data[at])
		f.sized++
		at++
		if f.sized < 2 {
			continue
		}
		f.left = f.size
		f.size, f.sized = 0, 0
		if f.left == 0 && f.message.length > 0 {
			ended := f.message
			f.message = envelope{}
			return at, ended
		}
	}
	return len(data), envelope{}
}

func (f *framing) add(chunk []byte) {
	for i := 0; i < len(chunk) && f.message.length+i < 2; i++ {
		if f.message.length+i == 0 {
			f.message.marker = chunk[i]
		} else {
			f.message.signature = chunk[i]
		}
	}
	f.message.length += len(chunk)
}
