// Package openlineage tells which job made which dataset of which others, in the
// words of the OpenLineage standard, so that any catalogue of data can draw it.
// Events are lines of JSON in a file a day and, where an address is set, are sent
// there too. Telling never stops the work: what goes wrong here is a warning.
//
// An event names datasets, columns, counts and digests. It holds no row, no name
// of a file, no enterprise and no person.
package openlineage

import "time"

// schemaURL is the version of the standard that events follow.
const schemaURL = spec + "2-0-2/OpenLineage.json#/$defs/RunEvent"

const spec = "https://openlineage.io/spec/"

// An Event is one transition of one run of a job.
type Event struct {
	Type      string    `json:"eventType"` // START, COMPLETE or FAIL
	Time      time.Time `json:"eventTime"`
	Run       RunOf     `json:"run"`
	Job       Job       `json:"job"`
	Inputs    []Dataset `json:"inputs,omitempty"`
	Outputs   []Dataset `json:"outputs,omitempty"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

// RunOf names one run of a job, a UUID.
type RunOf struct {
	ID     string     `json:"runId"`
	Facets *RunFacets `json:"facets,omitempty"`
}

// Job is named within a namespace.
type Job struct {
	Namespace string     `json:"namespace"`
	Name      string     `json:"name"`
	Facets    *JobFacets `json:"facets,omitempty"`
}

// A Dataset as input or output. Its namespace is that of the recorder where it
// names none.
type Dataset struct {
	Namespace string         `json:"namespace"`
	Name      string         `json:"name"`
	Facets    *DatasetFacets `json:"facets,omitempty"`
	Input     *InputFacets   `json:"inputFacets,omitempty"`
	Output    *OutputFacets  `json:"outputFacets,omitempty"`
}

// base is what every facet begins with.
type base struct {
	Producer  string `json:"_producer"`
	SchemaURL string `json:"_schemaURL"`
}

// RunFacets of a run.
type RunFacets struct {
	Parent  *Parent  `json:"parent,omitempty"`
	Error   *Error   `json:"errorMessage,omitempty"`
	Rongxin *Rongxin `json:"rongxin,omitempty"`
}

// Parent is the run that this one is part of.
type Parent struct {
	base
	Run struct {
		ID string `json:"runId"`
	} `json:"run"`
	Job struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"job"`
}

// Error says why a run failed.
type Error struct {
	base
	Message  string `json:"message"`
	Language string `json:"programmingLanguage"`
}

// Rongxin is our own facet: what a run of the warehouse is known and proven by.
type Rongxin struct {
	base
	RunID    string `json:"runId,omitempty"`          // of the warehouse, such as 2026-06-30-1f2e3d4c
	AsOf     string `json:"asOf,omitempty"`           // the day it speaks for
	RuleSet  string `json:"ruleSet,omitempty"`        // id of the rules it judged by, their digest in it
	Manifest string `json:"manifestSha256,omitempty"` // vouches for every byte of the run
	Exit     *int   `json:"exitCode,omitempty"`       // of the verb
}

// JobFacets of a job.
type JobFacets struct {
	Type *JobType `json:"jobType,omitempty"`
}

// JobType says what kind of thing a job is: COMMAND, MODEL, DATASET, TRANSFER.
type JobType struct {
	base
	Processing  string `json:"processingType"`
	Integration string `json:"integration"`
	Kind        string `json:"jobType"`
}

// DatasetFacets of a dataset, whichever way it is used.
type DatasetFacets struct {
	Schema  *Schema  `json:"schema,omitempty"`
	Columns *Columns `json:"columnLineage,omitempty"`
	Version *Version `json:"version,omitempty"`
}

// Schema is the columns of a dataset, in their order.
type Schema struct {
	base
	Fields []Field `json:"fields"`
}

// Field is a column.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// Columns says what each column is made of, and which columns decide about the
// rows of the whole dataset.
type Columns struct {
	base
	Fields  map[string]Made `json:"fields"`
	Dataset []InputField    `json:"dataset,omitempty"`
}

// Made is what one column is made of.
type Made struct {
	Inputs []InputField `json:"inputFields"`
}

// InputField is a column of another dataset.
type InputField struct {
	Namespace       string           `json:"namespace"`
	Name            string           `json:"name"`
	Field           string           `json:"field"`
	Transformations []Transformation `json:"transformations"`
}

// Transformation is DIRECT or INDIRECT, with its kind.
type Transformation struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype"`
	Masking bool   `json:"masking"`
}

// Version names the content of a dataset: a batch, or a digest.
type Version struct {
	base
	Version string `json:"datasetVersion"`
}

// InputFacets of a dataset that is read.
type InputFacets struct {
	Quality *Quality `json:"dataQualityMetrics,omitempty"`
}

// Quality counts the rows that were read.
type Quality struct {
	base
	Rows    int64          `json:"rowCount"`
	Bytes   int64          `json:"bytes,omitempty"`
	Columns map[string]any `json:"columnMetrics"`
}

// OutputFacets of a dataset that is written.
type OutputFacets struct {
	Statistics *Statistics `json:"outputStatistics,omitempty"`
}

// Statistics counts what was written.
type Statistics struct {
	base
	Rows  int64 `json:"rowCount"`
	Bytes int64 `json:"size,omitempty"`
}
