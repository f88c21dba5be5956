package diagnose

// grams are the three-byte sequences of a text, by a hash, and the notions in
// it: most phrases are in no text, and most of those begin with three bytes
// that are not.
type grams [1 << 10]uint64

const gramSize = 3

// anyGram is one that each text has: it stands for the beginning and the end of
// words that are too short for a gram.
const anyGram = 1<<16 - 1

func gramsOf(text string) *grams {
	g := &grams{}
	g.add(anyGram)
	for i := 0; i+gramSize <= len(text); i++ {
		g.add(gram(text[i:]))
	}
	return g
}

func (g *grams) add(gram uint16)      { g[gram>>6] |= 1 << (gram & 63) }
func (g *grams) has(gram uint16) bool { return g[gram>>6]&(1<<(gram&63)) != 0 }

func gram(s string) uint16 {
	return uint16(s[0])*31<<5 ^ uint16(s[1])<<7 ^ uint16(s[2])
}

// beginOf is the gram that words begin with.
func beginOf(words string) uint16 {
	if len(words) < gramSize {
		return anyGram
	}
	return gram(words)
}

// endOf is the gram that words end with.
func endOf(words string) uint16 {
	if len(words) < gramSize {
		return anyGram
	}
	return gram(words[len(words)-gramSize:])
}

// notionGram stands for a notion: a text has it that has words of the notion.
func notionGram(id string) (hash uint16) {
	for i := range len(id) {
		hash = hash*31 + uint16(id[i])
	}
	return hash
}
