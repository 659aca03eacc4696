"""Language tags (BCP 47, RFC 5646), and the ISO 639-2 codes and English names that catalogues hold instead."""

from __future__ import annotations

import re

_TABLE = """
aa aar Afar; ab abk Abkhazian; ae ave Avestan; af afr Afrikaans; ak aka Akan; am amh Amharic; an arg Aragonese;
ar ara Arabic; as asm Assamese; av ava Avaric; ay aym Aymara; az aze Azerbaijani; ba bak Bashkir; be bel Belarusian;
bg bul Bulgarian; bi bis Bislama; bm bam Bambara; bn ben Bengali; bo bod/tib Tibetan; br bre Breton; bs bos Bosnian;
ca cat Catalan; ce che Chechen; ch cha Chamorro; co cos Corsican; cr cre Cree; cs ces/cze Czech; cu chu Church_Slavic;
cv chv Chuvash; cy cym/wel Welsh; da dan Danish; de deu/ger German; dv div Divehi; dz dzo Dzongkha; ee ewe Ewe;
el ell/gre Greek; en eng English; eo epo Esperanto; es spa Spanish; et est Estonian; eu eus/baq Basque;
fa fas/per Persian; ff ful Fulah; fi fin Finnish; fj fij Fijian; fo fao Faroese; fr fra/fre French;
fy fry Western_Frisian; ga gle Irish; gd gla Gaelic; gl glg Galician; gn grn Guarani; gu guj Gujarati; gv glv Manx;
ha hau Hausa; he heb Hebrew; hi hin Hindi; ho hmo Hiri_Motu; hr hrv Croatian; ht hat Haitian; hu hun Hungarian;
hy hye/arm Armenian; hz her Herero; ia ina Interlingua; id ind Indonesian; ie ile Interlingue; ig ibo Igbo;
ii iii Sichuan_Yi; ik ipk Inupiaq; io ido Ido; is isl/ice Icelandic; it ita Italian; iu iku Inuktitut;
ja jpn Japanese; jv jav Javanese; ka kat/geo Georgian; kg kon Kongo; ki kik Kikuyu; kj kua Kuanyama; kk kaz Kazakh;
kl kal Greenlandic; km khm Khmer; kn kan Kannada; ko kor Korean; kr kau Kanuri; ks kas Kashmiri; ku kur Kurdish;
kv kom Komi; kw cor Cornish; ky kir Kyrgyz; la lat Latin; lb ltz Luxembourgish; lg lug Ganda; li lim Limburgish;
ln lin Lingala; lo lao Lao; lt lit Lithuanian; lu lub Luba-Katanga; lv lav Latvian; mg mlg Malagasy;
mh mah Marshallese; mi mri/mao Maori; mk mkd/mac Macedonian; ml mal Malayalam; mn mon Mongolian; mr mar Marathi;
ms msa/may Malay; mt mlt Maltese; my mya/bur Burmese; na nau Nauru; nb nob Bokmål; nd nde North_Ndebele;
ne nep Nepali; ng ndo Ndonga; nl nld/dut Dutch; nn nno Nynorsk; no nor Norwegian; nr nbl South_Ndebele; nv nav Navajo;
ny nya Chichewa; oc oci Occitan; oj oji Ojibwa; om orm Oromo; or ori Oriya; os oss Ossetian; pa pan Punjabi;
pi pli Pali; pl pol Polish; ps pus Pashto; pt por Portuguese; qu que Quechua; rm roh Romansh; rn run Rundi;
ro ron/rum Romanian; ru rus Russian; rw kin Kinyarwanda; sa san Sanskrit; sc srd Sardinian; sd snd Sindhi;
se sme Northern_Sami; sg sag Sango; si sin Sinhala; sk slk/slo Slovak; sl slv Slovenian; sm smo Samoan; sn sna Shona;
so som Somali; sq sqi/alb Albanian; sr srp Serbian; ss ssw Swati; st sot Sotho; su sun Sundanese; sv swe Swedish;
sw swa Swahili; ta tam Tamil; te tel Telugu; tg tgk Tajik; th tha Thai; ti tir Tigrinya; tk tuk Turkmen;
tl tgl Tagalog; tn tsn Tswana; to ton Tongan; tr tur Turkish; ts tso Tsonga; tt tat Tatar; tw twi Twi;
ty tah Tahitian; ug uig Uighur; uk ukr Ukrainian; ur urd Urdu; uz uzb Uzbek; ve ven Venda; vi vie Vietnamese;
vo vol Volapük; wa wln Walloon; wo wol Wolof; xh xho Xhosa; yi yid Yiddish; yo yor Yoruba; za zha Zhuang;
zh zho/chi Chinese; zu zul Zulu
"""
# As in the IANA registry, two letters where there are two; grandfathered tags are left to those who still use them.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_MANY = re.compile(r"\s*[;,/|+]\s*|\s+and\s+|\s+&\s+")

TWO_LETTERS: frozenset[str]
FROM_THREE: dict[str, str] = {}
FROM_NAME: dict[str, str] = {}

for _entry in _TABLE.replace("\n", " ").split(";"):
    _two, _threes, _language = _entry.split()
    FROM_THREE.update(dict.fromkeys(_threes.split("/"), _two))
    FROM_NAME[_language.replace("_", " ").lower()] = _two
TWO_LETTERS = frozenset(FROM_THREE.values())


def language_fault(text: str) -> str | None:
    """What is wrong with a language tag; None if it is one, or is an ISO 639-2 code that has a tag."""
    if len(_MANY.split(text)) > 1:
        return "holds more than one language; give the tag of the main one, or “mul” for several of equal weight"
    if text.lower() in FROM_NAME:
        return f"is a name; the language tag is “{FROM_NAME[text.lower()]}”"
    match = _TAG.fullmatch(text.replace("_", "-"))
    if not match:
        return "is not a language tag (BCP 47); “en”, “de-AT” or “haw” would be ones"
    primary = match["language"].lower()
    if len(primary) == 2 and primary not in TWO_LETTERS:
        return f"“{primary}” is not the code of a language; “en”, “de-AT” or “haw” would be tags"
    return None


def language_doubt(text: str) -> str | None:
    """What was put right in a language tag; None if it was in its normal form but for its case."""
    normal = language_tag(text)
    return None if normal.lower() == text.lower() else f"read as “{normal}”, the language tag (BCP 47) for it"


def language_tag(text: str) -> str:
    """The tag in its normal form: the shortest code of the language, and the case that RFC 5646 recommends."""
    first, *others = text.replace("_", "-").split("-")
    parts = [FROM_THREE.get(first.lower(), first.lower())]
    private = False
    for part in others:
        private = private or len(part) == 1
        parts.append(_cased(part) if not private else part.lower())
    return "-".join(parts)


def _cased(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
