"""The words of a printed statement, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    station: str
    serial: str
    identity: str
    period: str
    made: str
    card: str
    no_card: str
    began: str
    ended: str
    duration: str
    evse: str
    begin_kwh: str
    end_kwh: str
    energy: str
    cost: str
    refund: str
    signed: str
    total: str
    none: str
    times: str
    price: str
    running: str
    doubtful: str
    provisional: str
    proof: str


ENGLISH = Words(
    title="Charging statement", station="Station", serial="Serial number", identity="Identity", period="Period",
    made="Made", card="Card", no_card="Without a card", began="Began", ended="Ended", duration="h:min", evse="Outlet",
    begin_kwh="Meter at begin, kWh", end_kwh="Meter at end, kWh", energy="Energy, kWh", cost="Cost", refund="Refund",
    signed="Signed values", total="Total of {count} sessions", none="No session ended in this time.",
    times="A session counts where it began. Times are {zone}.",
    price="Refunded at {price} per kWh, each session rounded to a hundredth.",
    running="{count} sessions still run and are not included.",
    doubtful="≈: the station's clock was not known to be right then.",
    provisional="Costs in parentheses are what the station reckoned; the back office has not given its last word.",
    proof="Signed values: the first {digits} hexadecimal digits of the SHA-256 of what the meter signed at begin and "
    "end. The values themselves: chargepoint sessions --csv --signed.",
)  # fmt: skip

GERMAN = Words(
    title="Aufstellung der Ladevorgänge", station="Ladestation", serial="Seriennummer", identity="Kennung",
    period="Zeitraum", made="Erstellt", card="Karte", no_card="Ohne Karte", began="Beginn", ended="Ende",
    duration="h:min", evse="Ladepunkt", begin_kwh="Zählerstand Beginn, kWh", end_kwh="Zählerstand Ende, kWh",
    energy="Energie, kWh", cost="Kosten", refund="Erstattung", signed="Signierte Werte",
    total="Summe aus {count} Ladevorgängen", none="In diesem Zeitraum endete kein Ladevorgang.",
    times="Ein Ladevorgang zählt dort, wo er begann. Zeiten in {zone}.",
    price="Erstattet mit {price} je kWh, jeder Ladevorgang auf Hundertstel gerundet.",
    running="{count} Ladevorgänge laufen noch und sind nicht enthalten.",
    doubtful="≈: Die Uhr der Station war zu dieser Zeit nicht nachweislich richtig.",
    provisional="Kosten in Klammern hat die Station gerechnet; das letzte Wort der Abrechnung steht noch aus.",
    proof="Signierte Werte: die ersten {digits} Hexadezimalziffern des SHA-256 dessen, was der Zähler bei Beginn und "
    "Ende signiert hat. Die Werte selbst: chargepoint sessions --csv --signed.",
)  # fmt: skip

FRENCH = Words(
    title="Relevé des recharges", station="Borne", serial="Numéro de série", identity="Identifiant",
    period="Période", made="Établi le", card="Carte", no_card="Sans carte", began="Début", ended="Fin",
    duration="h:min", evse="Point de charge", begin_kwh="Compteur au début, kWh", end_kwh="Compteur à la fin, kWh",
    energy="Énergie, kWh", cost="Coût", refund="Remboursement", signed="Valeurs signées",
    total="Total de {count} recharges", none="Aucune recharge ne s'est terminée pendant cette période.",
    times="Une recharge compte là où elle a commencé. Heures : {zone}.",
    price="Remboursé à {price} par kWh, chaque recharge arrondie au centième.",
    running="{count} recharges sont encore en cours et ne sont pas comprises.",
    doubtful="≈ : l'exactitude de l'horloge de la borne n'était pas établie à ce moment.",
    provisional="Les coûts entre parenthèses sont calculés par la borne ; le montant définitif n'est pas encore connu.",
    proof="Valeurs signées : les {digits} premiers chiffres hexadécimaux du SHA-256 de ce que le compteur a signé au "
    "début et à la fin. Les valeurs elles-mêmes : chargepoint sessions --csv --signed.",
)  # fmt: skip

JAPANESE = Words(
    title="充電明細書", station="充電器", serial="製造番号", identity="識別子", period="期間", made="作成日時",
    card="カード", no_card="カードなし", began="開始", ended="終了", duration="時:分", evse="充電口",
    begin_kwh="開始時メーター kWh", end_kwh="終了時メーター kWh", energy="電力量 kWh", cost="料金", refund="精算額",
    signed="署名付き値", total="合計 {count} 件", none="この期間に終了した充電はありません。",
    times="充電は開始日時の属する期間に数えます。時刻は {zone} です。",
    price="1 kWh あたり {price} で精算し、充電ごとに小数第 2 位へ四捨五入しています。",
    running="充電中の {count} 件は含まれていません。",
    doubtful="≈: その時点で充電器の時計が正しいことは確認されていません。",
    provisional="括弧内の料金は充電器の計算値で、確定額ではありません。",
    proof="署名付き値: 開始時と終了時にメーターが署名した値の SHA-256 の先頭 {digits} 桁（16 進）です。"
    "値そのものは chargepoint sessions --csv --signed で出力できます。",
)  # fmt: skip

LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "ja": JAPANESE}


def words_in(language: str) -> Words:
    return LANGUAGES.get(language, ENGLISH)
