/* model
description: Inspectors who may be drawn on the day, on duty and with a valid card, by the number of the card. Without names.
grain: [inspector_id]
inputs: [staging.inspection__inspectors, run.parameters]
checks:
  - fail: {not_null: [inspector_id, department, unit_id, unit_name, division_code, qualifications]}
*/
select
    inspectors.inspector_id,
    inspectors.department,
    inspectors.unit_id,
    inspectors.unit_name,
    inspectors.division_code,
    coalesce(inspectors.qualifications, '') as qualifications
from staging.inspection__inspectors as inspectors
cross join run.parameters as parameters
where
    inspectors.state = '在岗'
    and inspectors.valid_from <= parameters.as_of
    and inspectors.valid_to >= parameters.as_of
