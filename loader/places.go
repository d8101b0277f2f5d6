package loader

import "hash/maphash"

// places finds the entries of an index by their ids. It holds no text of its own, only 4 bytes a slot, so that it takes a tenth of what
// a map of strings does.
type places struct {
	seed maphash.Seed
	// slots hold places of entries, from 1; 0 is free. Their number is a power of two, and a quarter of them at least is free.
	slots []int32
}

func newPlaces() places { return places{seed: maphash.MakeSeed(), slots: make([]int32, 64)} }

// find gives the place of an id among entries.
func (p *places) find(id string, entries []known) (at int32, is bool) {
	for slot := p.first(id); ; slot = p.next(slot) {
		at = p.slots[slot] - 1
		if at < 0 || entries[at].id == id {
			return at, at >= 0
		}
	}
}

// add notes the last of entries, whose id no other has.
func (p *places) add(entries []known) {
	since := len(entries) - 1
	if 4*len(entries) > 3*len(p.slots) {
		p.slots, since = make([]int32, 2*len(p.slots)), 0
	}
	for at := since; at < len(entries); at++ {
		slot := p.first(entries[at].id)
		for p.slots[slot] > 0 {
			slot = p.next(slot)
		}
		p.slots[slot] = int32(at + 1)
	}
}

func (p *places) first(id string) int { return int(maphash.String(p.seed, id)) & (len(p.slots) - 1) }

func (p *places) next(slot int) int { return (slot + 1) & (len(p.slots) - 1) }
