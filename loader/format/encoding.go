package format

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// encodings are those that can be named; a nil one is UTF-8, which passes as it is so that each row at fault is rejected by itself.
var encodings = []struct {
	name string
	encoding.Encoding
}{
	{"utf-8", nil},
	{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	{"windows-1252", charmap.Windows1252},
	{"windows-1251", charmap.Windows1251},
	{"windows-1250", charmap.Windows1250},
	{"iso-8859-1", charmap.ISO8859_1},
	{"koi8-r", charmap.KOI8R},
}

// Encodings are the names of all encodings.
func Encodings() []string {
	names := make([]string, len(encodings))
	for i, e := range encodings {
		names[i] = e.name
	}
	return names
}

// sniffed is how much of a file is looked at to find out how it is written.
const sniffed = 64 << 10

// decode gives the text of a file in UTF-8, without a byte order mark. An empty encoding is found out and filled in.
func decode(r io.Reader, name *string) (*bufio.Reader, error) {
	raw := bufio.NewReaderSize(r, sniffed)
	head, err := raw.Peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, err
	}
	marked := ""
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		marked = "utf-8"
		if _, err := raw.Discard(3); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		marked = "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		marked = "utf-16be"
	}
	switch {
	case *name == "":
		if *name = marked; marked == "" {
			*name = guess(head)
		}
	case marked != "" && marked != strings.ToLower(*name):
		return nil, &RowError{Line: 1, Column: 1, Reason: fmt.Sprintf("the file is %s by its byte order mark, not %s", strings.ToUpper(marked), strings.ToUpper(*name)),
			Fix: "save it as " + strings.ToUpper(*name), Final: true}
	}
	for _, e := range encodings {
		if e.name != strings.ToLower(*name) {
			continue
		}
		if e.Encoding == nil {
			return raw, nil
		}
		return bufio.NewReaderSize(e.NewDecoder().Reader(raw), sniffed), nil
	}
	return nil, fmt.Errorf("there is no encoding %q", *name)
}

// guess tells the encoding of a text without a byte order mark by its beginning.
func guess(head []byte) string {
	even, odd, high, pairs := 0, 0, 0, 0
	for i, b := range head {
		switch {
		case b == 0 && i%2 == 0:
			even++
		case b == 0:
			odd++
		case b >= 0xc0:
			high++
			if i > 0 && head[i-1] >= 0xc0 {
				pairs++
			}
		}
	}
	// Latin text in UTF-16 has a zero in every second byte.
	switch {
	case odd > len(head)/5 && odd > 8*even:
		return "utf-16le"
	case even > len(head)/5 && even > 8*odd:
		return "utf-16be"
	}
	if validPrefix(head) {
		return "utf-8"
	}
	// Cyrillic words are runs of high letters; in western languages most letters with a diacritic stand alone.
	if 2*pairs > high {
		return "windows-1251"
	}
	return "windows-1252"
}

// validPrefix says whether a text is UTF-8, but for a character that is cut off at its end.
func validPrefix(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		head = head[n:]
	}
	return true
}
