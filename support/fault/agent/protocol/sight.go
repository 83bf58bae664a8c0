package protocol

import (
	"errors"
	"fmt"
)

// Ports asks who listens on TCP ports of the target.
type Ports struct {
	// Ports, 1 to MaxPorts of them.
	Ports []uint16 `json:"ports"`
}

// Socket is one that listens.
type Socket struct {
	Address string `json:"address"` // 0.0.0.0 and :: are all addresses
	Port    uint16 `json:"port"`
	// Process that has it; nil where the account may not see it.
	Process *Process `json:"process,omitempty"`
}

// Listening answers Ports.
type Listening struct {
	Sockets []Socket `json:"sockets"`
}

// In selects the files of a folder of the target, without those of folders in it.
type In struct {
	Folder string `json:"folder"`
}

// File is one of a folder.
type File struct {
	Name           string `json:"name"`
	Bytes          int64  `json:"bytes"`
	ModifiedUnixNs int64  `json:"modifiedUnixNs"` // by the clock of whoever keeps the file
}

// Files answers In. There are MaxListed at most.
type Files struct {
	Files []File `json:"files"`
}

func (p Ports) validate() error {
	if len(p.Ports) == 0 || len(p.Ports) > MaxPorts {
		return fmt.Errorf("ports has %d entries: 1 to %d expected", len(p.Ports), MaxPorts)
	}
	for _, port := range p.Ports {
		if port == 0 {
			return errors.New("ports has 0: 1 to 65535 expected")
		}
	}
	return nil
}

func (i In) validate() error { return absolute("folder", i.Folder) }
