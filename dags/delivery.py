"""
# 推送与对账 · delivery and reconciliation

有新发布的运行就推送：每个接收方一路，推送后对账。一个接收方出错不影响其他。接收方写在 `rongxin_airflow/deployment.json`，
名称同 `rongxin.yml`。
Each published run is delivered: for every receiver publish and then reconcile; one that fails stops no other. The
receivers stand in `rongxin_airflow/deployment.json`, by their names in `rongxin.yml`.

推送的总是**当前发布**的运行，不是某一天的：平台只有一个状态，旧的一天不得盖过新的。再推一次不发送任何记录。
What is sent is always the run that is published **now**, not that of a day: a platform has one state, and an old day must
never overwrite a newer one. Sending again sends nothing. So there is nothing to backfill.

| 现象 · seen | 办法 · what to do |
|---|---|
| `publish` 反复 75 | 平台连不上：自动重试，间隔渐长，前后约四小时；什么都不会丢，也不会重复。 The platform is away: tried again with growing waits for about four hours. Nothing is lost, nothing sent twice. |
| `publish` 65 | 有记录被拒：日志给出编号和原因。改好后下一次推送带上。 Records were refused: the log names keys and reasons. |
| `reconcile` 65 | 两边不一致：日志逐键给出原因。 They differ: each key is named with its cause. |
| 78 | 地址、密钥文件或权限有误。 Address, key file or its mode is wrong. |
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task_group

from rongxin_airflow.house import DELIVERY, DEPLOYMENT, PUBLISHED, house
from rongxin_airflow.operator import RongxinOperator

KEEP = {
    "publish": ("receiver", "run", "published", "unchanged", "waiting", "held_back", "accepted", "rejected", "batches"),
    "reconcile": ("receiver", "run", "equal", "differ", "pending", "causes"),
}


@task_group(group_id="to")
def serve(receiver):
    def verb(name):
        return RongxinOperator(
            task_id=name, arguments=[name, "--to", receiver], keep=KEEP[name], pool=DELIVERY,
            called=receiver, map_index_template="{{ task.called }}",
        )  # fmt: skip

    verb("publish") >> verb("reconcile")


@dag(schedule=PartitionedAssetTimetable(assets=PUBLISHED), doc_md=__doc__, **house(tags=["delivery"]))
def delivery():
    serve.expand(receiver=DEPLOYMENT["receivers"])


delivery()
