package toolkit

import "sync"

// Client observes one pair of data centers. It is safe for concurrent use and remembers recent readings, because
// whether a side is mute or blind shows only between two of them. It runs nothing in the background; Monitor does.
type Client struct {
	cfg Config

	mu    sync.Mutex
	sides [2]*memory
}

// New checks the configuration and returns a client. It contacts nobody.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, sides: [2]*memory{newMemory(&cfg, 0), newMemory(&cfg, 1)}}, nil
}
