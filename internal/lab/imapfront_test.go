package lab

import (
	"slices"
	"testing"
)

// framed cuts a stream that comes in pieces of at most size bytes.
func framed(stream []byte, size int) (lines []string, literals, whole []byte) {
	var f framer
	for part := range slices.Chunk(stream, size) {
		for len(part) > 0 {
			literal := f.literal > 0
			piece, line := f.cut(part)
			part = part[len(piece):]
			whole = append(whole, piece...)
			if literal {
				literals = append(literals, piece...)
			}
			if line {
				lines = append(lines, string(piece))
			}
		}
	}
	return lines, literals, whole
}

func TestFramer(t *testing.T) {
	const stream = "a LOGIN {3}\r\nbob {4+}\r\np\nw\n c\r\nb NOOP\r\n{0}\r\n\r\nx {no}\r\ny }\r\nz {-1}\r\n"
	lines, _, _ := framed([]byte(stream), len(stream))
	if want := []string{"a LOGIN {3}\r\n", "b NOOP\r\n", "{0}\r\n", "x {no}\r\n", "y }\r\n", "z {-1}\r\n"}; !slices.Equal(lines, want) {
		t.Errorf("lines %q, want %q", lines, want)
	}
	for size := 1; size <= len(stream); size++ {
		if _, literals, _ := framed([]byte(stream), size); string(literals) != "bobp\nw\n" {
			t.Errorf("in pieces of %d the literals are %q", size, literals)
		}
	}
}

// What passes through a framer comes out as it went in, and no piece is so
// small that nothing moves on.
func FuzzFramer(f *testing.F) {
	f.Add([]byte("a LOGIN {3}\r\nbob {4+}\r\np\nw\n c\r\n"), 5)
	f.Add([]byte("* 1 FETCH (BODY[] {99999999999999999999}\r\n"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		if size < 1 {
			return
		}
		_, literals, whole := framed(stream, size)
		if string(whole) != string(stream) {
			t.Errorf("%q became %q", stream, whole)
		}
		if _, again, _ := framed(stream, max(1, len(stream))); string(again) != string(literals) {
			t.Errorf("literals %q in pieces of %d, %q in one", literals, size, again)
		}
	})
}
