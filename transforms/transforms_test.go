package transforms_test

import (
	"testing"

	"rongxin/transforms"
	"rongxin/warehouse/modeltest"
)

func TestModels(t *testing.T) {
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	modeltest.Run(t, "testdata", models)
}
