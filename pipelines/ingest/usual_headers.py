"""What departments call the fields of the contract in their tables: evidence for a draft, never a rule."""

import re

#: By field, the headers that usually stand over it, without blanks and remarks in brackets.
USUAL_HEADERS: dict[str, tuple[str, ...]] = {
    "inspection_id": ("检查单号", "检查记录编号", "检查记录号", "检查任务编号", "检查号", "检查表编号"),
    "case_id": ("案号", "案件号", "立案号", "立案编号", "案件代码"),
    "document_no": ("文号", "处罚决定书文号", "行政处罚决定书文号", "处罚文号", "决定文号", "處分字號"),
    "subject_id": ("单位代码", "单位编码", "执法单位", "承办单位", "执法主体", "机关", "机关代码", "部门代码"),
    "agency_id": ("承办机构", "承办科室", "科室", "执法队", "所队", "机构代码"),
    "matter_id": ("检查事项", "执法事项", "处罚事项", "事项", "事项代码", "权力编码", "职权编码"),
    "mode": ("检查类型", "检查类别", "检查形式"),
    "object_id": ("被检查人代码", "被检查对象代码", "被检查单位代码", "检查对象代码", "信用代码", "企业代码"),
    "object_name": ("被检查人", "被检查对象", "被检查单位", "检查对象名称", "被检查单位名称", "企业名称"),
    "started_at": ("检查日期", "检查时间", "检查开始时间", "开始日期"),
    "ended_at": ("检查结束时间", "结束日期"),
    "result": ("结果", "检查情况", "检查结论"),
    "problems": ("问题数量", "发现问题数"),
    "lead_id": ("线索号", "来信编号", "工单编号", "工单号", "举报编号", "投诉编号"),
    "source": ("来源", "来源渠道", "线索来源", "举报渠道"),
    "received_at": ("接收日期", "收到日期", "来信日期", "来电时间", "登记时间", "登记日期", "举报时间", "转办日期"),
    "accepted_at": ("受理日期",),
    "disposition": ("处理结果", "办理结果", "处置情况"),
    "procedure": ("程序", "办案程序", "处罚程序"),
    "party_id": ("对象统编", "当事人证件号", "当事人统一社会信用代码", "相对人代码", "统编"),
    "party_name": ("对象", "当事人名称", "当事人姓名", "行政相对人", "行政相对人名称", "相对人", "被处罚人"),
    "party_kind": ("当事人类型", "行政相对人类别", "相对人类别", "对象类型"),
    "filed_at": ("立案日期", "立案"),
    "decided_at": ("决定日期", "处罚决定日期", "处罚日期", "处罚时间", "作出决定日期", "處分日期", "裁处日期"),
    "penalty_types": ("处罚类别", "处罚种类及幅度", "处罚方式"),
    "fine_amount": ("罚款", "罚款数额", "罚款额", "金额", "处罚金额"),
    "confiscated_amount": ("没收", "没收违法所得", "没收违法所得金额", "没收数额", "没收款"),
    "served_at": ("送达日期", "送达"),
    "closed_at": ("结案日期", "办结日期", "完成日期", "办结时限"),
    "published_at": ("公示日期", "公告日期"),
    "plan_id": ("计划号", "任务编号"),
    "due_on": ("完成时限", "截止日期", "应完成时间"),
    "officer_id": ("执法证件号", "执法证编号", "证件号码", "执法证号码", "行政执法证号"),
    "on_post_from": ("上岗日期", "任职日期"),
    "certificate_from": ("发证日期",),
    "certificate_to": ("有效期至", "证件有效期至"),
    "submitted_at": ("填报日期", "填报时间", "录入日期", "提交时间"),
}  # fmt: skip
#: A column that only numbers the rows of a table is a field of nothing.
ROW_NUMBER = re.compile(r"(?:序号|序號|行号|项次|項次|顺序号|no\.?|№|#)", re.IGNORECASE)
#: A number of the table's own records, whatever they are.
PLAIN_NUMBER = re.compile(r"(?:编号|編號|号码|单号|流水号|记录编号|id)", re.IGNORECASE)
#: The officers of an inspection or a case, one or several in one column, or in a few columns beside one another.
OFFICERS = re.compile(
    r"(?:主办|协办|检查|执法|办案|承办)(?:人员?|者)?(?:执法)?(?:证号|证件号码?|证编号|编号|代码)?\s*[一二三四甲乙1-4]?"
    r"|(?:执法|检查)人员?\s*[一二三四甲乙1-4]?\s*(?:执法)?证(?:件)?号"
)
