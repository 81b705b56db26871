"""Case files to print: one with everything, one with nothing, one that tries to break the forms."""

from dataclasses import replace
from datetime import UTC, date, datetime

from config.document_rules import load_document_rules
from config.loading import CONFIG_DIR
from handlers.documents.casefile import (
    AgreementFile,
    CaseFile,
    CourtFile,
    Declaration,
    EndFile,
    FollowUpFile,
    ObligationLine,
    PartyFile,
    PerformanceLine,
    RecordFile,
    RecordKind,
)
from mediation.agreement import AgreementForm
from mediation.lifecycle import CaseStatus
from mediation.vocabulary import CaseSource

RULES = load_document_rules(CONFIG_DIR)

APPLICANT = PartyFile(
    name="张春生",
    sex="男",
    ethnic_group="汉族",
    age=46,
    occupation="农民工",
    phone="13800000001",
    address="临颍县杜曲镇北徐庄村3组",
    id_number="411122198001010011",
)
RESPONDENT = PartyFile(
    name="漯河某某建筑劳务有限公司",
    occupation="经理",
    phone="0395-0000000",
    address="漯河市源汇区某某路18号",
    id_number="91411100MA00000000",
    is_unit=True,
    representative="李建军",
    agent="王秀兰",
)
CONFIRMATIONS = (
    Declaration(who="张春生", at=datetime(2026, 3, 12, 2, 5, tzinfo=UTC), how="本人手机上输入确认码"),
    Declaration(who="李建军", at=datetime(2026, 3, 12, 2, 9, tzinfo=UTC), how="电话回访确认"),
)
AGREEMENT = AgreementFile(
    facts="2025年3月至12月，张春生在被申请人承包的工地做木工，双方结算后尚欠工资12000元。",
    disputed="拖欠的数额和支付时间。",
    responsibility="被申请人没有按时支付工资。",
    text="一、被申请人支付申请人工资12000元，分三次付清。\n二、付清以后双方再无其他争议。",
    obligations=tuple(
        ObligationLine(
            debtor=RESPONDENT.name,
            creditor=APPLICANT.name,
            what=f"支付工资4000元（第{number}期）",
            due=f"2026年{number + 3}月10日前",
        )
        for number in (1, 2, 3)
    ),
    manner="银行转账，汇入申请人本人账户。",
    amount="12000元",
    confirmations=CONFIRMATIONS,
    place="北徐庄村委会",
    agreed_on=date(2026, 3, 12),
    effective_on=date(2026, 3, 12),
)
FULL = CaseFile(
    case_no="漯调2026-000123",
    year=2026,
    serial=123,
    status=CaseStatus.CLOSED,
    committee="临颍县杜曲镇人民调解委员会",
    mediator="陈国强",
    registrar="刘芳",
    place="临颍县杜曲镇北徐庄村",
    type_name="劳动争议（拖欠工资）",
    source=CaseSource.REQUESTED,
    people=2,
    amount="12000元",
    filed_on=date(2026, 3, 2),
    accepted_on=date(2026, 3, 3),
    closed_on=date(2026, 6, 10),
    applicant=APPLICANT,
    respondent=RESPONDENT,
    story="我从去年三月到腊月在他工地干木工，说好一天两百六。\n结账以后还欠我一万二，要了好几回都不给。",
    wishes="把一万二工资给我。",
    rights_told=(
        Declaration(who="张春生", at=datetime(2026, 3, 3, 1, tzinfo=UTC), how="微信文字"),
        Declaration(who="李建军", at=datetime(2026, 3, 4, 8, 30, tzinfo=UTC), how="电话"),
    ),
    consents=(Declaration(who="李建军", at=datetime(2026, 3, 4, 9, tzinfo=UTC), how="电话"),),
    records=(
        RecordFile(
            kind=RecordKind.INVESTIGATION,
            at=datetime(2026, 3, 6, 2, tzinfo=UTC),
            place="工地项目部",
            asked="赵会计",
            participants="村干部孙某",
            about="结算的数额",
            text="问：结算单是谁签的？\n答：是李经理签的，欠一万二。",
            recorder="刘芳",
        ),
        RecordFile(
            at=datetime(2026, 3, 9, 7, tzinfo=UTC),
            place="北徐庄村委会",
            present="张春生、李建军",
            participants="法律明白人周某",
            about="拖欠工资",
            text="调解员告知双方权利义务。申请人陈述：欠一万二。被申请人陈述：数额没有异议，手头紧。",
            result="约定三天后再谈。",
            recorder="刘芳",
        ),
        RecordFile(
            at=datetime(2026, 3, 12, 1, tzinfo=UTC),
            place="北徐庄村委会",
            present="张春生、李建军",
            about="拖欠工资",
            text="双方同意分三期支付。",
            result="达成调解协议。",
            recorder="刘芳",
        ),
    ),
    agreement=AGREEMENT,
    performance=(
        PerformanceLine(on=date(2026, 4, 9), what="收到工资4000元", confirmed_by="张春生"),
        PerformanceLine(on=date(2026, 5, 12), what="收到工资4000元，迟两天", confirmed_by="张春生"),
        PerformanceLine(on=date(2026, 6, 10), what="收到工资4000元，全部付清", confirmed_by="张春生"),
    ),
    follow_ups=(
        FollowUpFile(
            at=datetime(2026, 6, 17, 2, tzinfo=UTC),
            place="北徐庄村3组",
            way="微信",
            visited="张春生",
            visitor="陈国强",
            about="协议履行情况",
            performance="工资已经全部收到。",
            satisfaction="满意（5分）",
            lawsuit="没有",
            flare_up="没有",
            measures="无需采取措施",
        ),
        FollowUpFile(
            at=datetime(2026, 7, 10, 2, tzinfo=UTC),
            way="电话",
            visited="李建军",
            visitor="陈国强",
            about="协议履行情况",
            performance="已经付清。",
        ),
    ),
    court=CourtFile(court="临颍县人民法院", apply_until=date(2026, 4, 11)),
    remarks="当事人身份证明复印件附卷。",
)
MINIMAL = CaseFile()
ORAL = replace(FULL, agreement=replace(AGREEMENT, form=AgreementForm.ORAL))
ENDED = replace(
    FULL,
    status=CaseStatus.TERMINATED,
    agreement=None,
    performance=(),
    follow_ups=(),
    court=None,
    end=EndFile(
        on=date(2026, 3, 20),
        reason="被申请人明确表示不愿意调解。",
        ways=("向漯河市劳动人事争议仲裁委员会申请仲裁。", "拿着工资欠条直接向人民法院起诉。"),
    ),
)
REJECTED = replace(
    ENDED,
    status=CaseStatus.REJECTED,
    end=EndFile(on=date(2026, 3, 4), reason="人民法院已经受理。", ways=("等待人民法院的裁判。",)),
)

NASTY = "{{ 7 * 7 }}{% raw %}{# <b>&amp;</b> ]]> \"'\\ &#10; ${x} 王"
LONG = "这是很长的一段话，要占好几页纸。" * 313
CONTROL = "一\x00二\x07三\x0b四\x0c五\ud800六\ufffe七\t八"


def filled_with(text: str) -> CaseFile:
    """A case whose every text is this one."""
    party = PartyFile(
        **dict.fromkeys(("name", "sex", "ethnic_group", "occupation", "phone", "address"), text)
    )
    unit = replace(party, is_unit=True, representative=text, agent=text, id_number=text)
    said = (Declaration(who=text, how=text),)
    record = RecordFile(
        **dict.fromkeys(("place", "present", "participants", "about", "text", "result", "recorder"), text)
    )
    return replace(
        FULL,
        **dict.fromkeys(("case_no", "committee", "mediator", "place", "type_name", "story", "wishes"), text),
        applicant=party,
        respondent=unit,
        rights_told=said,
        records=(record, replace(record, kind=RecordKind.INVESTIGATION, asked=text)),
        agreement=AgreementFile(
            **dict.fromkeys(("number", "facts", "disputed", "responsibility", "text", "manner"), text),
            obligations=(ObligationLine(debtor=text, creditor=text, what=text, due=text),),
            confirmations=said,
            effective_on=date(2026, 3, 12),
        ),
        performance=(PerformanceLine(what=text, confirmed_by=text),),
        follow_ups=(FollowUpFile(performance=text, visited=text, measures=text),),
        end=EndFile(reason=text, ways=(text, text)),
        court=CourtFile(court=text, result=text),
        remarks=text,
    )
