package drop

import (
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"

	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/folder"
)

// Settings are the section drop of a receiver.
type Settings struct {
	Out    string               `yaml:"out"`    // folder that we write to
	Return string               `yaml:"return"` // folder that the receiver writes to
	SFTP   *folder.ServerConfig `yaml:"sftp"`   // the server that both are on; without it they are on this machine
	Format `yaml:",inline"`
}

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key.
func (s Settings) Check() error {
	var faults []error
	if s.SFTP != nil {
		faults = append(faults, s.SFTP.Check())
	}
	for _, f := range [][2]string{{"out", s.Out}, {"return", s.Return}} {
		if f[1] == "" {
			faults = append(faults, fmt.Errorf("%s: is empty: name a folder", f[0]))
		}
	}
	if s.Out != "" && path.Clean(s.Out) == path.Clean(s.Return) {
		faults = append(faults, errors.New("return: is the folder out; name another"))
	}
	return errors.Join(append(faults, s.Format.Check())...)
}

// Open returns the drop of a receiver.
func Open(s Settings, receiver string, keys signing.Provider, now func() time.Time, log *slog.Logger) (*Drop, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	at := folder.Local
	if s.SFTP != nil {
		server, err := folder.NewServer(*s.SFTP)
		if err != nil {
			return nil, err
		}
		at = server.Folder
	}
	return New(Config{Receiver: receiver, Out: at(s.Out), Return: at(s.Return), Format: s.Format, Keys: keys, Now: now, Log: log})
}
