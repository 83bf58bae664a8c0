package environment

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/support/fault"
)

// spoiled is where the content of a replica is kept while another one is in its place: beside the folder, because the toolkit takes every
// file in it whose name contains its suffix for a replica (Q41).
func (f folder) spoiled(replica string) (sound, corrupt string) {
	beside := filepath.Join(f.path+".spoiled", replica)
	return beside + ".sound", beside + ".corrupt"
}

// Corrupt implements fault.CorruptibleStorage.
func (f folder) Corrupt(ctx context.Context, replica string, how fault.Corruption) error {
	if corrupt, err := f.Corrupted(ctx, replica); err != nil || corrupt {
		return err
	}
	content, err := os.ReadFile(f.file(replica))
	if err != nil {
		return fmt.Errorf("read the replica %s: %w", replica, err)
	}
	made, err := corrupted(content, how)
	if err != nil {
		return fmt.Errorf("corrupt the replica %s: %w", replica, err)
	}
	sound, corrupt := f.spoiled(replica)
	if err := os.MkdirAll(filepath.Dir(sound), 0o700); err != nil {
		return fmt.Errorf("keep the replica %s aside: %w", replica, err)
	}
	if err := errors.Join(os.WriteFile(sound, content, 0o600), os.WriteFile(corrupt, made, 0o600)); err != nil {
		return fmt.Errorf("keep the replica %s aside: %w", replica, err)
	}
	if err := os.WriteFile(f.file(replica), made, 0o600); err != nil {
		return fmt.Errorf("corrupt the replica %s: %w", replica, err)
	}
	return nil
}

// corrupted is what a corruption makes of a replica, which is the body of a message (toolkit contract 4.4): type, count, and by length the
// name of its data center, the snapshot and its origin.
func corrupted(content []byte, how fault.Corruption) ([]byte, error) {
	const counters = 4 + 8 // bytes before the name
	if len(content) <= counters {
		return nil, fmt.Errorf("it has %d bytes, and no message is as short", len(content))
	}
	made := bytes.Clone(content)
	switch how {
	case fault.ZeroLength:
		return nil, nil
	case fault.Truncated:
		return made[:len(made)/2], nil
	case fault.WrongLength:
		at := counters + 1 + int(made[counters]) // names of 128 bytes and more have another form
		if made[counters] >= 0x80 || len(made) < at+8 {
			return nil, errors.New("the name of its data center is too long for this corruption")
		}
		length := binary.LittleEndian.Uint64(made[at:])
		binary.LittleEndian.PutUint64(made[at:], length^1<<30) // longer than the replica
		return made, nil
	case fault.Garbage:
		for i := range made {
			made[i] = ^made[i]
		}
		return made, nil
	}
	return nil, fmt.Errorf("corruption %q is not known", how)
}

// Restore implements fault.CorruptibleStorage.
func (f folder) Restore(ctx context.Context, replica string) error {
	corrupt, err := f.Corrupted(ctx, replica)
	if err != nil {
		return err
	}
	sound, made := f.spoiled(replica)
	if corrupt {
		content, err := os.ReadFile(sound)
		if err == nil {
			err = os.WriteFile(f.file(replica), content, 0o600)
		}
		if err != nil {
			return fmt.Errorf("give the replica %s its content back: %w", replica, err)
		}
	}
	for _, kept := range []string{sound, made} {
		if err := os.Remove(kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("throw away what was kept of the replica %s: %w", replica, err)
		}
	}
	_ = os.Remove(f.path + ".spoiled") // another replica may be kept there
	return nil
}

// Corrupted implements fault.CorruptibleStorage.
func (f folder) Corrupted(_ context.Context, replica string) (bool, error) {
	_, made := f.spoiled(replica)
	want, err := os.ReadFile(made)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at what was made of the replica %s: %w", replica, err)
	}
	is, err := os.ReadFile(f.file(replica))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the replica %s: %w", replica, err)
	}
	return bytes.Equal(is, want), nil
}
