package streams

import (
	"bytes"
	"sync"
)

// answers remembers how bodies were decoded. Who watches a failover asks the same questions dozens of times a second, and nearly all
// answers are, byte by byte, those before: they are compared then, and not taken apart again. What was decoded is shared between those
// who asked; nobody changes it.
type answers struct {
	mu   sync.Mutex
	last map[string]answer // by address
	size int               // bytes of all bodies
}

type answer struct {
	body    []byte
	decoded any
}

// rememberedBytes bounds what is remembered; beyond it everything is forgotten, as of jobs that are long gone.
const rememberedBytes = 4 << 20

// known is what the same body from the same address was decoded to; nil when it was another one.
func (a *answers) known(address string, body []byte) any {
	a.mu.Lock()
	last := a.last[address]
	a.mu.Unlock()
	if last.decoded == nil || !bytes.Equal(last.body, body) {
		return nil
	}
	return last.decoded
}

// remember keeps the last answer of an address. Application configurations are left out: they hold passwords.
func (a *answers) remember(address string, body []byte, decoded any) {
	switch decoded.(type) {
	case ApplicationConfiguration, page[ApplicationConfiguration]:
		return
	}
	if len(body) > rememberedBytes/8 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.size += len(body) - len(a.last[address].body)
	if a.last == nil || a.size > rememberedBytes {
		a.last, a.size = map[string]answer{}, len(body)
	}
	a.last[address] = answer{body, decoded}
}
