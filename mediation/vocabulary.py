"""The words of the trade: every code that is stored, counted or shown.

Labels and their meaning: the first level of dispute types is the heading list of people's mediation
statistics (司法行政统计), completed with the sectors named in the Luohe notice. Chinese names stand in
the rule files under `config/rules`.
"""

from enum import StrEnum


class DisputeType(StrEnum):
    """纠纷类型, first level; a case always has one."""

    MARRIAGE_FAMILY = "marriage_family"
    NEIGHBOUR = "neighbour"
    HOMESTEAD = "homestead"
    FOREST_LAND = "forest_land"
    EXPROPRIATION = "expropriation"
    VILLAGE_AFFAIRS = "village_affairs"
    CONTRACT = "contract"
    BUSINESS = "business"
    DAMAGE = "damage"
    LABOUR = "labour"
    ENVIRONMENT = "environment"
    TRAFFIC = "traffic"
    PROPERTY_SERVICE = "property_service"
    MEDICAL = "medical"
    CONSUMER = "consumer"
    TOURISM = "tourism"
    FINANCE = "finance"
    INSURANCE = "insurance"
    IP = "ip"
    ECOMMERCE = "ecommerce"
    EDUCATION = "education"
    OTHER = "other"


class Intent(StrEnum):
    """What a message wants."""

    COMPLAINT = "complaint"
    PROGRESS = "progress"
    URGE = "urge"
    WITHDRAW = "withdraw"
    SUPPLEMENT = "supplement"
    LAW_QUESTION = "law_question"
    TIP = "tip"
    GREETING = "greeting"
    THANKS = "thanks"
    HUMAN = "human"
    ABUSE = "abuse"
    IRRELEVANT = "irrelevant"


class RiskFlag(StrEnum):
    """What may turn a dispute into a crime or a gathering (民转刑 and the like)."""

    VIOLENCE = "violence"
    WEAPON = "weapon"
    SELF_HARM = "self_harm"
    GROUP = "group"
    PETITION = "petition"
    FAMILY_VIOLENCE = "family_violence"
    MINOR = "minor"
    REPEAT = "repeat"
    MAJOR_AMOUNT = "major_amount"
    DEATH = "death"


class RiskGrade(StrEnum):
    """How pressing the danger is."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    NONE = "none"


class Group(StrEnum):
    """People whom the notice puts first, and the enterprise track (涉企)."""

    MIGRANT_WORKER = "migrant_worker"
    VETERAN = "veteran"
    NEW_WORKER = "new_worker"
    ELDER = "elder"
    MINOR = "minor"
    DISABLED = "disabled"
    WOMAN = "woman"
    ENTERPRISE = "enterprise"


class NotMediable(StrEnum):
    """Why mediation cannot take it, which is also where it goes."""

    CRIME = "crime"
    ADMINISTRATIVE = "administrative"
    ADJUDICATED = "adjudicated"
    ARBITRATION_FIRST = "arbitration_first"
    ADMINISTRATIVE_RULING = "administrative_ruling"
    NOT_DISPUTE = "not_dispute"


class Decision(StrEnum):
    """Whether the rules are sure enough of the type to act, or the person is asked."""

    AUTO = "auto"
    ASK = "ask"


class RegionLevel(StrEnum):
    """Levels of the statistical region table, widest first."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class CommitteeKind(StrEnum):
    """Kinds of people's mediation committee (人民调解委员会), 人民调解法 8 and 34."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    SECTOR = "sector"
    ENTERPRISE = "enterprise"


class HelperRole(StrEnum):
    """Who may be asked to help a mediator in a case."""

    EXPERT = "expert"
    """专家库."""
    LEGAL_ADVISER = "legal_adviser"
    """村居法律顾问."""
    LAW_AWARE_VILLAGER = "law_aware_villager"
    """法律明白人."""
    JUDICIAL_OFFICE = "judicial_office"
    """司法所."""
    POLICE = "police"
    """派出所."""
    COURT = "court"
    """人民法庭."""


class Audience(StrEnum):
    """For whose eyes a timeline entry is."""

    APPLICANT = "applicant"
    RESPONDENT = "respondent"
    STAFF = "staff"


class CaseSource(StrEnum):
    """案件来源, as the statistics form divides it."""

    REQUESTED = "requested"
    """依申请调解."""
    OWN_INITIATIVE = "own_initiative"
    """主动调解: found in screening (排查) or by the committee itself."""
    REFERRED = "referred"
    """接受委托移送."""


class Referrer(StrEnum):
    """Who handed a case over (委托移送单位), as the statistics form divides it."""

    COURT = "court"
    PROCURATORATE = "procuratorate"
    POLICE = "police"
    PETITION = "petition"
    TOWNSHIP = "township"
    OTHER = "other"
