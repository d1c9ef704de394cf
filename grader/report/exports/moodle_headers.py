"""What Moodle calls the columns of its offline grading worksheet, in the languages we know.

Strings ``recordid``, ``gradenoun`` (and ``grade``, before Moodle 3.11), ``maxgrade``,
``lastmodifiedgrade``, ``fullname``, ``email`` and ``assignfeedback_comments``'s ``pluginname`` of
Moodle's language packs: https://download.moodle.org/langpack
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headers:
    """One language's titles of columns."""

    identifier: str
    name: str
    email: str
    grade: tuple[str, ...]
    maximum: str
    modified: str
    feedback: str


HEADERS: dict[str, Headers] = {
    "en": Headers(
        "Identifier",
        "Full name",
        "Email address",
        ("Grade",),
        "Maximum Grade",
        "Last modified (grade)",
        "Feedback comments",
    ),
    "de": Headers(
        "ID",
        "Vollständiger Name",
        "E-Mail-Adresse",
        ("Bewertung",),
        "Bestwertung",
        "Zuletzt geändert (Bewertung)",
        "Feedback als Kommentar",
    ),
    "es": Headers(
        "Identificador",
        "Nombre completo",
        "Dirección de correo",
        ("Calificación",),
        "Calificación máxima",
        "Última modificación (calificación)",
        "Comentarios de retroalimentación",
    ),
    "fr": Headers(
        "Identifiant",
        "Nom complet",
        "Adresse de courriel",
        ("Note",),
        "Note maximale",
        "Dernière modification (note)",
        "Feedback par commentaires",
    ),
    "ko": Headers(
        "식별자",
        "전체 이름",
        "이메일 주소",
        ("성적",),
        "최대 성적",
        "마지막 수정됨(성적)",
        "피드백 코멘트",
    ),
    "it": Headers(
        "Identificativo",
        "Nome",
        "Indirizzo email",
        ("Valutazione",),
        "Valutazione massima",
        "Ultima modifica (valutazione)",
        "Commenti",
    ),
    "pt": Headers(
        "Identificador",
        "Nome completo",
        "E-mail",
        ("Avaliação", "Nota"),
        "Nota máxima",
        "Última atualização (avaliação)",
        "Comentários de feedback",
    ),
    "nl": Headers(
        "Identificatie",
        "Volledige naam",
        "E-mailadres",
        ("Cijfer", "Beoordeling"),
        "Maximaal cijfer",
        "Laatst gewijzigd (beoordeling)",
        "Feedback tekstvak",
    ),
    "sv": Headers(
        "Identifierare",
        "Fullständigt namn",
        "E-postadress",
        ("Betyg",),
        "Maxbetyg",
        "Senast modifierat (betyg)",
        "Återkopplingskommentarer",
    ),
    "ca": Headers(
        "Identificador",
        "Nom complet",
        "Adreça electrònica",
        ("Qualificació",),
        "Qualificació màxima",
        "Darrera modificació (qualificació)",
        "Comentaris de retroacció.",
    ),
    "tr": Headers(
        "Tanımlayıcı",
        "Tam adı",
        "E-posta adresi",
        ("Not",),
        "Enyüksek not",
        "Son düzenleme (not)",
        "Geri bildirim yorumları",
    ),
    "ru": Headers(
        "Идентификатор",
        "Полное имя",
        "Адрес электронной почты",
        ("Оценка",),
        "Максимальная оценка",
        "Последнее изменение (оценка)",
        "Отзыв в виде комментария",
    ),
    "ja": Headers(
        "ID",
        "フルネーム",
        "メールアドレス",
        ("評点", "評定"),
        "最大評点",
        "最終更新日時 (評定)",
        "フィードバックコメント",
    ),
    "zh_cn": Headers(
        "标识符",
        "全名",
        "电子邮件地址",
        ("成绩",),
        "最高分",
        "上次修改（评分）",
        "反馈意见",
    ),
}
