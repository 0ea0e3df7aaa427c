package openlineage

// The facets that are used, each in the version of openlineage-python 1.54.0.
const (
	parentFacet     = spec + "facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet"
	errorFacet      = spec + "facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
	jobTypeFacet    = spec + "facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
	schemaFacet     = spec + "facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
	columnsFacet    = spec + "facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
	versionFacet    = spec + "facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
	qualityFacet    = spec + "facets/1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet"
	statisticsFacet = spec + "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet"
	rongxinFacet    = "urn:rongxin:openlineage:run:1" // docs/lineage.md says what it holds
)

func (b *base) sign(producer, schema string) { b.Producer, b.SchemaURL = producer, schema }

// sign gives every facet of the event its producer and schema, and every dataset
// without a namespace that of the job.
func (e *Event) sign(producer string) {
	e.Producer, e.SchemaURL = producer, schemaURL
	if f := e.Run.Facets; f != nil {
		if f.Parent != nil {
			f.Parent.sign(producer, parentFacet)
		}
		if f.Error != nil {
			f.Error.sign(producer, errorFacet)
		}
		if f.Rongxin != nil {
			f.Rongxin.sign(producer, rongxinFacet)
		}
	}
	if f := e.Job.Facets; f != nil && f.Type != nil {
		f.Type.sign(producer, jobTypeFacet)
	}
	for _, list := range [][]Dataset{e.Inputs, e.Outputs} {
		for i := range list {
			list[i].sign(producer, e.Job.Namespace)
		}
	}
}

func (d *Dataset) sign(producer, namespace string) {
	if d.Namespace == "" {
		d.Namespace = namespace
	}
	if f := d.Input; f != nil && f.Quality != nil {
		f.Quality.sign(producer, qualityFacet)
		if f.Quality.Columns == nil {
			f.Quality.Columns = map[string]any{} // the standard asks for it
		}
	}
	if f := d.Output; f != nil && f.Statistics != nil {
		f.Statistics.sign(producer, statisticsFacet)
	}
	f := d.Facets
	if f == nil {
		return
	}
	if f.Schema != nil {
		f.Schema.sign(producer, schemaFacet)
	}
	if f.Version != nil {
		f.Version.sign(producer, versionFacet)
	}
	if f.Columns != nil {
		f.Columns.sign(producer, columnsFacet)
		f.Columns.fill(namespace)
	}
}

// fill gives every column without a namespace that of the job.
func (c *Columns) fill(namespace string) {
	lists := [][]InputField{c.Dataset}
	for _, made := range c.Fields {
		lists = append(lists, made.Inputs)
	}
	for _, list := range lists {
		for i := range list {
			if list[i].Namespace == "" {
				list[i].Namespace = namespace
			}
		}
	}
}
