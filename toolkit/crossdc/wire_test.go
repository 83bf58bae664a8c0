package crossdc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sampleState is the 48 bytes of contract 9.3 inside the examples of 4.4: a map with one entry.
const sampleState = "01" +
	"10 6463315f315f31373030303030303030" +
	"10 6463315f315f31373030303030303030 01000000 000000000000e03f 00"

const sampleSnapshot = "02000000 0600000000000000 03646331 3000000000000000" + sampleState + "0130"

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWireExamples(t *testing.T) {
	snapshot := unhex(t, sampleSnapshot)
	for _, x := range []struct {
		name string
		m    Message
		hex  string
		size int
	}{
		{"type 1", Message{Type: Heartbeat, Count: 1, DataCenter: "dc1"}, "01000000 0100000000000000 03646331 0000000000000000 00", 25},
		{"type 3", Message{Type: OrderlyShutdown, Count: 42, DataCenter: "dc1"}, "03000000 2a00000000000000 03 646331 0000000000000000 00", 25},
		{"delete replica", Message{Type: Snapshot, Count: 6, DataCenter: "dc1", Origin: "0"}, "02000000 0600000000000000 03 646331 0000000000000000 01 30", 26},
		{"type 2", Message{Type: Snapshot, Count: 6, DataCenter: "dc1", Snapshot: unhex(t, sampleState), Origin: "0"}, sampleSnapshot, 74},
		{"type 4", Message{Type: ReturnedData, Count: 7, DataCenter: "dc2", Snapshot: snapshot}, "04000000 0700000000000000 03646332 4a00000000000000" + sampleSnapshot + "00", 99},
	} {
		want := unhex(t, x.hex)
		if len(want) != x.size {
			t.Errorf("%s: the example has %d bytes, want %d", x.name, len(want), x.size)
		}
		if got := Marshal(LittleEndian, &x.m); !bytes.Equal(got, want) {
			t.Errorf("%s: encoded\n%x, want\n%x", x.name, got, want)
		}
		for name, decode := range map[string]func(ByteOrder, []byte) (Message, error){"strict": Decode, "lenient": DecodeLenient} {
			got, err := decode(LittleEndian, want)
			if err != nil || !equal(got, x.m) {
				t.Errorf("%s: decoded %s: %+v, %v, want %+v", x.name, name, got, err, x.m)
			}
		}
	}
}

func equal(a, b Message) bool {
	if len(a.Snapshot) == 0 && len(b.Snapshot) == 0 {
		a.Snapshot, b.Snapshot = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

func TestWireBigEndian(t *testing.T) {
	m := Message{Type: Snapshot, Count: 6, DataCenter: strings.Repeat("d", 300), Snapshot: []byte{1}, Origin: "0"}
	want := unhex(t, "00000002 0000000000000006 80 0000012c"+strings.Repeat("64", 300)+"0000000000000001 01 0130")
	if got := Marshal(BigEndian, &m); !bytes.Equal(got, want) {
		t.Errorf("encoded\n%x, want\n%x", got, want)
	}
	if got, err := Decode(BigEndian, want); err != nil || !equal(got, m) {
		t.Errorf("decoded %+v, %v", got, err)
	}
	if _, err := Decode(LittleEndian, want); err == nil {
		t.Error("the other byte order decoded it: they must not interoperate")
	}
}

func TestWireLengthPrefixes(t *testing.T) {
	for n, want := range map[int]string{0: "00", 1: "01", 127: "7f", 128: "8080000000", 300: "802c010000"} {
		body := Marshal(LittleEndian, &Message{DataCenter: strings.Repeat("x", n)})
		prefix := unhex(t, want)
		if got := body[12 : 12+len(prefix)]; !bytes.Equal(got, prefix) {
			t.Errorf("length %d: prefix %x, want %x", n, got, prefix)
		}
		if size := 4 + 8 + len(prefix) + n + 8 + 1; len(body) != size {
			t.Errorf("length %d: %d bytes, want %d", n, len(body), size)
		}
	}
}

func TestWireErrorsNameFieldAndOffset(t *testing.T) {
	for _, x := range []struct {
		hex  string
		want DecodeError
	}{
		{"", DecodeError{Field: "heartbeatMsgType", Offset: 0, Need: 4, Have: 0}},
		{"010000", DecodeError{Field: "heartbeatMsgType", Offset: 0, Need: 4, Have: 3}},
		{"01000000 01", DecodeError{Field: "heartbeatCnt", Offset: 4, Need: 8, Have: 1}},
		{"01000000 0100000000000000", DecodeError{Field: "dataCenterOrigin length", Offset: 12, Need: 1, Have: 0}},
		{"01000000 0100000000000000 80 0100", DecodeError{Field: "dataCenterOrigin length", Offset: 13, Need: 4, Have: 2}},
		{"01000000 0100000000000000 03 6463", DecodeError{Field: "dataCenterOrigin bytes", Offset: 13, Need: 3, Have: 2}},
		{"01000000 0100000000000000 80 ffffffff 64", DecodeError{Field: "dataCenterOrigin bytes", Offset: 17, Need: 0xffffffff, Have: 1}},
		{"01000000 0100000000000000 00 000000", DecodeError{Field: "dataSnapshot length", Offset: 13, Need: 8, Have: 3}},
		{"01000000 0100000000000000 00 ffffffffffffffff 00", DecodeError{Field: "dataSnapshot bytes", Offset: 21, Need: 1<<64 - 1, Have: 1}},
		{"01000000 0100000000000000 00 0000000000000000", DecodeError{Field: "dataSnapshotOrigin length", Offset: 21, Need: 1, Have: 0}},
		{"01000000 0100000000000000 00 0000000000000000 02 30", DecodeError{Field: "dataSnapshotOrigin bytes", Offset: 22, Need: 2, Have: 1}},
	} {
		for _, decode := range []func(ByteOrder, []byte) (Message, error){Decode, DecodeLenient} {
			_, err := decode(LittleEndian, unhex(t, x.hex))
			var got *DecodeError
			if !errors.As(err, &got) || *got != x.want {
				t.Errorf("%s: %v, want %v", x.hex, err, &x.want)
			}
		}
		if _, err := DecodeLenient(LittleEndian, unhex(t, x.hex)); !errors.Is(err, ErrOutOfBounds) || !strings.Contains(err.Error(), "the real runtime would read out of bounds") {
			t.Errorf("%s: lenient error %v does not say what the real runtime would do", x.hex, err)
		}
	}
}

func TestWireStrictAndLenientDiffer(t *testing.T) {
	one := "01000000 0100000000000000"
	for name, body := range map[string]string{
		"trailing bytes":           one + "03646331 0000000000000000 00 ff",
		"long form of a short one": one + "8003000000646331 0000000000000000 00",
		"first length byte 0xff":   one + "ff03000000646331 0000000000000000 00",
	} {
		m, err := DecodeLenient(LittleEndian, unhex(t, body))
		if err != nil || m.DataCenter != "dc1" {
			t.Errorf("%s: lenient gave %+v, %v, want dc1", name, m, err)
		}
		if _, err := Decode(LittleEndian, unhex(t, body)); err == nil {
			t.Errorf("%s: the strict decoder took it", name)
		}
	}
	var trailing *TrailingError
	if _, err := Decode(LittleEndian, append(Marshal(LittleEndian, &Message{}), 1, 2, 3)); !errors.As(err, &trailing) || trailing.Extra != 3 || trailing.Offset != 22 {
		t.Errorf("%v, want 3 trailing bytes at offset 22", err)
	}
}

func TestWireRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.IntRange(120, 400), func(n int) string { return strings.Repeat("x", n) }))
		m := Message{
			Type:       MessageType(rapid.Uint32().Draw(t, "type")),
			Count:      rapid.Uint64().Draw(t, "count"),
			DataCenter: text.Draw(t, "dc"),
			Snapshot:   rapid.SliceOf(rapid.Byte()).Draw(t, "snapshot"),
			Origin:     text.Draw(t, "origin"),
		}
		order := rapid.SampledFrom([]ByteOrder{LittleEndian, BigEndian}).Draw(t, "order")
		body := Marshal(order, &m)
		if got, err := Decode(order, body); err != nil || !equal(got, m) {
			t.Fatalf("%+v came back as %+v, %v", m, got, err)
		}
		cut := rapid.IntRange(0, len(body)-1).Draw(t, "cut")
		if _, err := DecodeLenient(order, body[:cut]); err == nil {
			t.Fatalf("%d of %d bytes decoded", cut, len(body))
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, sampleSnapshot), false)
	f.Add(Marshal(BigEndian, &Message{Type: Heartbeat, DataCenter: strings.Repeat("d", 128)}), true)
	f.Add([]byte("hello"), false)
	f.Fuzz(func(t *testing.T, body []byte, big bool) {
		order := LittleEndian
		if big {
			order = BigEndian
		}
		strict, err := Decode(order, body)
		lenient, lenientErr := DecodeLenient(order, body)
		if err == nil {
			if lenientErr != nil || !equal(strict, lenient) {
				t.Fatalf("strict %+v, lenient %+v, %v", strict, lenient, lenientErr)
			}
			if again := Marshal(order, &strict); !bytes.Equal(again, body) {
				t.Fatalf("encoded again: %x, want %x", again, body)
			}
		}
		if lenientErr == nil {
			if m, err := Decode(order, Marshal(order, &lenient)); err != nil || !equal(m, lenient) {
				t.Fatalf("%+v, %v does not survive a round trip", m, err)
			}
		}
	})
}

// A body is allocated once and as large as it is: a heartbeat interval with snapshots of 256 MiB must not need twice that.
func TestABodyIsAllocatedOnce(t *testing.T) {
	long := strings.Repeat("x", longString)
	for _, m := range []Message{{DataCenter: long, Origin: long}, {DataCenter: long, Origin: long, Snapshot: make([]byte, 1<<20)}} {
		if body := Marshal(LittleEndian, &m); cap(body) != len(body) {
			t.Errorf("%d bytes in %d", len(body), cap(body))
		}
	}
}
