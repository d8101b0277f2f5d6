package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/crimegraph/crimegraph/ontology"
)

// template is a text with names in braces, for which values of the row are put in: `place/{country|lower}`. Where one of the values is empty, the
// whole is. A template that is one name stands for that value itself, lists included.
type template struct {
	parts []part
	line  int
}

// part is a literal text, or a slot with what is done to its text.
type part struct {
	text  string
	slot  int
	pipes []pipe
}

type pipe func(string) string

// pipes are what may follow a name in braces.
var pipes = []struct {
	name, doc string
	apply     pipe
}{
	{"slug", "letters and digits of ASCII in lower case, with hyphens between words: for ids", slug},
	{"lower", "lower case", strings.ToLower},
	{"upper", "upper case", strings.ToUpper},
	{"title", "each word with one capital: for names that are written in capitals", title},
	{"hash", "16 digits that stand for the text: for ids of what has no id", hash},
}

func slug(text string) string {
	const longest = 80
	s := strings.Join(ontology.Words(text), "-")
	if len(s) > longest {
		// What is cut off still tells ids apart.
		s = s[:longest-17] + "-" + hash(s)
	}
	return s
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func title(text string) string {
	words := strings.Fields(strings.ToLower(text))
	for i, w := range words {
		r := []rune(w)
		words[i] = strings.ToUpper(string(r[:1])) + string(r[1:])
	}
	return strings.Join(words, " ")
}

func pipeNames() []string {
	names := make([]string, len(pipes))
	for i, p := range pipes {
		names[i] = p.name
	}
	return names
}

// parseTemplate reads a template. slot finds the place of a name.
func parseTemplate(text string, slot func(name string) (int, error)) (template, error) {
	var t template
	literal := func(s string) {
		if n := len(t.parts); n > 0 && t.parts[n-1].slot < 0 {
			t.parts[n-1].text += s
		} else if s != "" {
			t.parts = append(t.parts, part{text: s, slot: -1})
		}
	}
	for text != "" {
		open := strings.IndexAny(text, "{}")
		if open < 0 {
			literal(text)
			break
		}
		literal(text[:open])
		rest := text[open+1:]
		if strings.HasPrefix(rest, text[open:open+1]) {
			literal(text[open : open+1])
			text = rest[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		if text[open] == '}' || !closed {
			return t, fmt.Errorf("a brace is left open or closed twice: write {NAME}, and {{ for a brace itself")
		}
		fields := strings.Split(name, "|")
		at, err := slot(strings.TrimSpace(fields[0]))
		if err != nil {
			return t, err
		}
		p := part{slot: at}
		for _, f := range fields[1:] {
			f = strings.TrimSpace(f)
			i := slices.Index(pipeNames(), f)
			if i < 0 {
				return t, fmt.Errorf("nothing is called %.40q%s", f, ontology.Suggest(f, pipeNames()))
			}
			p.pipes = append(p.pipes, pipes[i].apply)
		}
		t.parts = append(t.parts, p)
		text = after
	}
	return t, nil
}

// alone is the slot that the template stands for by itself, or -1.
func (t template) alone() int {
	if len(t.parts) == 1 && len(t.parts[0].pipes) == 0 {
		return t.parts[0].slot
	}
	return -1
}

// fill puts the values of a row in. The place is that of the first value.
func (t template) fill(s *scope) (value, *Fault) {
	if at := t.alone(); at >= 0 {
		return s.get(at)
	}
	if len(t.parts) == 1 && t.parts[0].slot < 0 {
		return value{text: t.parts[0].text}, nil
	}
	var out value
	// A list within a template makes a list: each element put in by itself.
	var texts []string
	start := len(s.text)
	defer func() { s.text = s.text[:start] }()
	for _, p := range t.parts {
		if p.slot < 0 {
			s.text = append(s.text, p.text...)
			for i := range texts {
				texts[i] += p.text
			}
			continue
		}
		v, fault := s.get(p.slot)
		if fault != nil {
			return value{}, fault
		}
		if out.line == 0 {
			out.origin = v.origin
		}
		if v.empty() {
			return value{origin: out.origin}, nil
		}
		if v.many {
			if out.many {
				return value{}, &Fault{Field: v.field(), Reason: "two lists stand in one text", Fix: "use one of them with each"}
			}
			out.many = true
			for _, e := range v.list {
				texts = append(texts, string(s.text[start:])+p.apply(e))
			}
			continue
		}
		text := p.apply(v.text)
		if text == "" {
			return value{origin: out.origin}, nil
		}
		s.text = append(s.text, text...)
		for i := range texts {
			texts[i] += text
		}
	}
	if out.many {
		out.list = texts
		return out, nil
	}
	out.text = string(s.text[start:])
	return out, nil
}

func (p part) apply(text string) string {
	for _, f := range p.pipes {
		text = f(text)
	}
	return text
}
