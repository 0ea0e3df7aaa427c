// Package ruletest runs the cases that stand beside rule files, NAME.test.yml
// beside NAME.yml, on the compiled SQL in a small engine, and tells which
// attributes of the rules no case reaches. A case says in the words of the rule
// what is given and what must come of it, so that its owner can read it:
//
//	scorecards/food.test.yml:
//	- name: a factory with two problems
//	  given: {static_production: 1, dynamic_inspections: 2}
//	  want: {points: 45, grade: B, reasons: {FD-STA-1: 25, FD-DYN-1: 20}}
//
//	severity.test.yml, publicity.test.yml, severe_lists.test.yml:
//	- name: a small fine is minor
//	  given: {category: 行政处罚, penalty_kind: 罚款, fine: 3000, on: 2026-05-01}
//	  want: {severity: 轻微, severity_rule: SEV-10, publicity_until: 2026-08-01}
//
//	overlay.test.yml:
//	- name: a revoked enterprise leaves the list, whatever else
//	  given: {public: A, level: 1, status: 吊销}
//	  want: {out: true, override: OV-OUT-1}
//
//	schemes/tax.test.yml:
//	- name: M is read as level 2
//	  given: {grade: M}
//	  want: {level: 2}
package ruletest
