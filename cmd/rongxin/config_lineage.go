package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/internal/credit"
	"rongxin/internal/openlineage"
	"rongxin/warehouse/secret"
)

const lineageOn, lineageOff = "on", "off"

func (c Config) checkLineage() error {
	var faults []error
	if c.Lineage != lineageOn && c.Lineage != lineageOff {
		faults = append(faults, fmt.Errorf("lineage: %q is neither on nor off", c.Lineage))
	}
	if c.LineageNamespace == "" {
		faults = append(faults, errors.New("lineage_namespace: is empty"))
	}
	if err := openlineage.CheckURL(c.LineageURL); err != nil {
		faults = append(faults, fmt.Errorf("lineage_url: %w", err))
	}
	return errors.Join(faults...)
}

// lineage is where events go. An error says that they go into the file alone.
func (c Config) lineage() (openlineage.Config, error) {
	cfg := openlineage.Config{Dir: filepath.Join(c.Home, "lineage"), Namespace: c.LineageNamespace, Zone: credit.ChinaTime, URL: c.LineageURL}
	if c.LineageURL == "" || c.LineageTokenFile == "" {
		return cfg, nil
	}
	token, err := secret.ReadFile(c.LineageTokenFile, 4096)
	if err != nil {
		cfg.URL = ""
		return cfg, fmt.Errorf("lineage_token_file: %w", err)
	}
	cfg.Token = string(token)
	return cfg, nil
}
