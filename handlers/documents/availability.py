"""Which documents exist for a case, and why the others do not."""

from config.document_rules import DocumentKind, Unavailable
from handlers.documents.casefile import CaseFile, RecordKind
from mediation.agreement import AgreementForm
from mediation.lifecycle import CaseStatus
from mediation.vocabulary import CaseSource


def available(file: CaseFile) -> tuple[DocumentKind, ...]:
    """Return the documents that can be issued now, in the order of the volume."""
    return tuple(kind for kind in DocumentKind if why_unavailable(kind, file) is None)


def why_unavailable(kind: DocumentKind, file: CaseFile) -> Unavailable | None:
    """Return why a document does not exist for the case, None when it does.

    Registration, rights and duties and what binds the volume together exist from the first day.
    """
    match kind:
        case DocumentKind.APPLICATION:
            requested = file.source in {None, CaseSource.REQUESTED}
            return None if requested else Unavailable.NOT_REQUESTED
        case DocumentKind.INVESTIGATION:
            return None if file.records_of(RecordKind.INVESTIGATION) else Unavailable.NO_INVESTIGATION
        case DocumentKind.SESSION:
            return None if file.records_of(RecordKind.SESSION) else Unavailable.NO_SESSION
        case DocumentKind.AGREEMENT:
            return _unless_form(file, AgreementForm.WRITTEN)
        case DocumentKind.ORAL_AGREEMENT:
            return _unless_form(file, AgreementForm.ORAL)
        case DocumentKind.CONFIRMATION_APPLICATION:
            return _why_no_confirmation(file)
        case DocumentKind.FOLLOW_UP:
            return None if file.follow_ups else Unavailable.NO_FOLLOW_UP
        case DocumentKind.REJECTION:
            return None if file.status is CaseStatus.REJECTED else Unavailable.NOT_REJECTED
        case DocumentKind.TERMINATION:
            ended = file.status in {CaseStatus.TERMINATED, CaseStatus.WITHDRAWN}
            return None if ended else Unavailable.NOT_TERMINATED
        case _:
            return None


def _unless_form(file: CaseFile, form: AgreementForm) -> Unavailable | None:
    if file.agreement is None:
        return Unavailable.NO_AGREEMENT
    if file.agreement.form is form:
        return None
    oral = file.agreement.form is AgreementForm.ORAL
    return Unavailable.AGREEMENT_IS_ORAL if oral else Unavailable.AGREEMENT_IS_WRITTEN


def _why_no_confirmation(file: CaseFile) -> Unavailable | None:
    # The court wants the agreement itself (司法确认程序的若干规定 3), so an oral one is not enough.
    missing = _unless_form(file, AgreementForm.WRITTEN)
    if missing is None and file.agreement is not None and file.agreement.effective_on is None:
        return Unavailable.NOT_IN_EFFECT
    return missing
