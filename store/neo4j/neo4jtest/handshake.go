package neo4jtest

import (
	"bytes"
	"encoding/binary"
)

// magic begins every Bolt connection.
var magic = []byte{0x60, 0x60, 0xb0, 0x17}

// clientHandshakeEnds says whether what a client has sent is its part of the handshake: magic and four proposals, and under
// manifest negotiation its choice among the server's offers and a mask of capabilities.
func clientHandshakeEnds(sent []byte, manifest bool) bool {
	const proposed = 20
	if !manifest || len(sent) < proposed+4 {
		return !manifest && len(sent) >= proposed
	}
	_, n := binary.Uvarint(sent[proposed+4:])
	return n > 0
}

// serverHandshakeEnds says whether what a server has sent is its part of the handshake: its choice, and if that is manifest
// negotiation its offers and a mask of capabilities.
func serverHandshakeEnds(sent []byte) bool {
	if len(sent) < 4 || !choosesManifest(sent) {
		return len(sent) >= 4
	}
	offers, n := binary.Uvarint(sent[4:])
	offered := 4 + n + 4*int(offers)
	if n <= 0 || len(sent) < offered {
		return false
	}
	_, n = binary.Uvarint(sent[offered:])
	return n > 0
}

// choosesManifest says whether a server answered with manifest negotiation in its first form, which Bolt has since 5.7.
func choosesManifest(sent []byte) bool { return bytes.HasPrefix(sent, []byte{0, 0, 1, 0xff}) }
