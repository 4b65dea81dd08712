"""The words that the rules look for, in plain spelling: English, French, German, Spanish."""

from __future__ import annotations

# What is to be done with the instructions. Imperatives, and the forms behind "you will" or "who".
OVERRIDE = frozenset(
    """
    ignore ignores ignoring disregard disregards disregarding forget forgets skip override overrides bypass bypasses
    discard drop abandon erase delete neglect overlook violate break cancel unlearn dismiss
    ignorez ignorer oublie oubliez oublier contourne contournez outrepasse outrepassez abandonne efface effacez
    ignoriere ignorieren ignorier vergiss vergesse vergessen missachte missachten umgehe umgehen uberschreibe verwirf
    ignora ignore ignorar ignorad olvida olvide olvidar olvidate descarta descarte omite omita anula anule elude
    """.split()
)
# The same when it is negated: "do not follow", "stop obeying".
FOLLOW = frozenset(
    "follow following obey obeying heed apply respect adhere suis suivez respecte sigas obedezcas".split()
)
UNFOLLOW = frozenset("not never dont t stop no ne n cease".split())
TELLERS = frozenset("developer developers creator creators maker makers company openai anthropic moonshot they".split())
TOLD = (
    "you were told",
    "you have been told",
    "you ve been told",
    "you were instructed",
    "you have been instructed",
    "you were taught",
    "you were programmed",
    "you were given before",
    "qu on t a dit",
    "on t a dit",
    "was dir gesagt wurde",
    "was man dir gesagt hat",
    "que te han dicho",
    "que te dijeron",
)
# The same in several words; each is read as "ignore".
SEVERAL = (
    "set aside",
    "throw away",
    "throw out",
    "pay no attention to",
    "take no notice of",
    "do away with",
    "get rid of",
    "no longer follow",
    "ne tiens pas compte de",
    "ne tiens plus compte de",
    "ne tenez pas compte de",
    "fais abstraction de",
    "ne respecte plus",
    "ne suis plus",
    "haz caso omiso de",
    "no hagas caso de",
    "no hagas caso a",
    "no tengas en cuenta",
    "setze dich uber",
    "halte dich nicht mehr an",
)
# Whose they are, when that is said behind them: "the instructions of the manufacturer" are nobody's prompt.
BELONGS = frozenset("of from by del du des de der vom von".split())
ARTICLES = frozenset("the a an la le les los las el der den dem die das".split())
MAKERS = frozenset(
    """
    you developer developers creator creators maker makers system operator operators admin administrator openai
    anthropic company moonshot owner owners this above chat conversation sistema systeme entwicklern entwickler
    desarrolladores developpeurs
    """.split()
)
TELLING = frozenset("told instructed taught programmed given dit gesagt dicho dijeron".split())
# Which instructions: without one of these, "ignore the data in column 3" would count.
EARLIER = frozenset(
    """
    previous previously prior above earlier preceding foregoing former existing initial original past before
    precedent precedents precedente precedentes anterieur anterieurs anterieure anterieures initiales initiaux
    vorherige vorherigen vorigen bisherige bisherigen fruheren obigen vorangegangenen vorangehenden ursprunglichen
    antes bisher zuvor auparavant
    anterior anteriores previo previos previa previas iniciales originales
    """.split()
)
ANY = frozenset(
    """
    all any every entire whole each everything your usual safety
    tous toutes toute tout tes vos
    alle allen aller samtliche samtlichen jede jegliche deine deinen ihre
    todas todos toda todo cualquier tus sus
    """.split()
)
INSTRUCTIONS = frozenset(
    """
    instruction instructions prompt prompts directive directives guideline guidelines
    consigne consignes invite directives
    anweisung anweisungen instruktionen vorgaben richtlinien systemprompt
    instruccion instrucciones directriz directrices indicaciones
    """.split()
)
RULES = frozenset(
    """
    rule rules restriction restrictions constraint constraints policy policies programming training orders commands
    context safeguards filters limitations
    regle regles restrictions contraintes
    regel regeln einschrankungen befehle beschrankungen
    regla reglas restricciones ordenes limitaciones
    """.split()
)
OWN = frozenset("my mine our mon ma mes notre mein meine meinen meiner unsere mi mis nuestra nuestras".split())
NEGATION = frozenset("not never don t dont won without ne pas jamais nicht nie niemals no nunca jamas".split())
MODALS = frozenset("shall should will can may must would could might cannot".split())
ADDRESSED = frozenset("you u ai assistant model chatbot bot llm claude kimi".split())
SUBJECTS = frozenset("i we they he she it people users students which that ich wir sie je nous yo".split())
FOLLOWED_BY = (
    "and instead",
    "instead follow",
    "start over",
    "from now on",
    "obey me",
    "obey the user",
    "follow only",
    "only what i",
    "new task",
    "new instructions",
    "without any limits",
    "without limits",
    "a partir de maintenant",
    "desormais",
    "ab jetzt",
    "ab sofort",
    "a partir de ahora",
    "desde ahora",
    "en su lugar",
)

REVEAL = frozenset(
    """
    repeat print output show put turn encode convert spell reveal display tell give leak dump recite quote translate
    write copy echo paste expose disclose share summarize summarise list what reproduce
    repete repetez affiche affichez montre montrez revele revelez donne donnez ecris imprime recopie
    wiederhole zeige zeig gib gebt nenne verrate drucke schreibe offenbare
    repite muestra muestrame revela imprime dime dame escribe copia ensena
    """.split()
)
REVEAL_OUTRIGHT = frozenset(
    "reveal leak expose disclose dump exfiltrate revele revelez verrate offenbare revela".split()
)
YOUR = frozenset("your ton tes votre vos dein deine deinen deiner ihren tu tus su sus".split())
SECRET = frozenset(
    """
    hidden secret confidential internal initial original full entire exact complete
    cache caches secrete secretes confidentielles initiales
    versteckten geheimen vertraulichen internen ursprunglichen
    ocultas ocultos secretas secretos confidenciales iniciales internas
    """.split()
)
PROMPTS = frozenset(
    """
    prompt prompts instruction instructions directives guidelines systemprompt
    consignes invite anweisungen instruktionen vorgaben instrucciones directrices
    """.split()
)
SYSTEM_PROMPTS = (
    "system prompt",
    "system message",
    "systemprompt",
    "system prompts",
    "prompt systeme",
    "message systeme",
    "mensaje de sistema",
    "mensaje del sistema",
    "prompt del sistema",
    "prompt de sistema",
    "initial prompt",
)
YOURS = (
    "you were given",
    "you have been given",
    "you received",
    "you got",
    "you follow",
    "you started with",
    "you must follow",
    "que te han dado",
    "que te dieron",
    "que tu as recues",
    "qu on t a donnees",
    "die du bekommen hast",
    "die du befolgst",
)
EVERYTHING = frozenset(
    "everything text words content all tout texte alles text wortlaut todo texto instructions prompt".split()
)
ABOVE = frozenset("above before preceding ci-dessus dessus precede oben daruber davor arriba encima anterior".split())
VERBATIM = (
    "verbatim",
    "word for word",
    "im wortlaut",
    "starting with",
    "code block",
    "do not summarise",
    "do not summarize",
    "character by character",
    "mot pour mot",
    "mot a mot",
    "wortwortlich",
    "wort fur wort",
    "palabra por palabra",
    "textualmente",
)

ALL = frozenset().union(OVERRIDE, FOLLOW, EARLIER, ANY, INSTRUCTIONS, RULES, REVEAL, YOUR, SECRET, PROMPTS, ABOVE)

# Personas without rules, and games that punish a refusal.
UNBOUND: dict[str, int] = {
    "do anything now": 40,
    "can do anything": 10,
    "without any restrictions": 20,
    "without any restriction": 20,
    "without restrictions": 20,
    "no restrictions": 20,
    "without any limits": 20,
    "no limits": 10,
    "without limits": 10,
    "no rules": 15,
    "without rules": 15,
    "without any rules": 20,
    "no filters": 20,
    "no filter": 15,
    "without filters": 20,
    "without any filter": 20,
    "unfiltered": 20,
    "uncensored": 20,
    "unrestricted": 20,
    "no guidelines": 25,
    "no content policy": 30,
    "no ethical": 25,
    "no moral": 20,
    "freed from": 15,
    "two people": 10,
    "two personalities": 10,
    "never refuses": 25,
    "never refuse": 20,
    "never says no": 25,
    "cannot refuse": 20,
    "cannot say no": 20,
    "must not refuse": 20,
    "must comply": 20,
    "must answer every": 20,
    "must answer any": 20,
    "comply with everything": 20,
    "answer anything": 15,
    "developer mode": 25,
    "god mode": 15,
    "jailbroken": 25,
    "jailbreak mode": 30,
    "dan mode": 35,
    "stay in character": 10,
    "answer twice": 20,
    "two answers": 10,
    "ignores all": 15,
    "cease to exist": 20,
    "sans restriction": 25,
    "sans restrictions": 25,
    "sans aucune restriction": 30,
    "sans limites": 20,
    "sans aucune limite": 25,
    "sans filtre": 20,
    "mode developpeur": 25,
    "ohne einschrankungen": 25,
    "ohne jede einschrankung": 30,
    "ohne regeln": 20,
    "ohne filter": 20,
    "entwicklermodus": 25,
    "sin restricciones": 25,
    "sin ninguna restriccion": 30,
    "sin limites": 20,
    "sin filtros": 20,
    "sin reglas": 20,
    "modo desarrollador": 25,
}
FRAMES = (
    "you are",
    "you re now",
    "you have",
    "you will",
    "you must",
    "act as",
    "acting as",
    "pretend",
    "enable",
    "simulate",
    "from now on",
    "answer as",
    "respond as",
    "answer twice",
    "roleplay as",
    "tu es",
    "vous etes",
    "agis comme",
    "reponds",
    "du bist",
    "antworte",
    "verhalte dich",
    "eres",
    "actua como",
    "responde",
)
VOID = frozenset(
    """
    void disabled off lifted suspended obsolete cancelled canceled dropped deactivated revoked nullified waived
    annulees desactivees aufgehoben ausgeschaltet ungultig anuladas desactivadas
    """.split()
)
# Pairs that say "no longer".
NO_LONGER = {"mehr": "nicht", "longer": "no", "appliquent": "s", "aplican": "no", "valen": "no"}
SAFETY = frozenset("safety filters filter safeguards guardrails restrictions moderation".split())
OBEDIENCE: dict[str, int] = {
    "obey me": 15,
    "obey the user": 15,
    "obey my": 15,
    "follow only what i": 10,
    "follow only my": 10,
    "new instructions": 20,
    "your real instructions": 25,
    "your true instructions": 25,
    "your actual instructions": 25,
    "were only a test": 15,
    "was a drill": 15,
    "was only a test": 15,
    "your only rule": 20,
    "your only rules": 20,
    "your only rulebook": 20,
    "your new task": 15,
    "your new role": 10,
    "as if they never existed": 10,
    "no longer bound": 25,
    "not bound by": 15,
    "system override": 25,
    "admin override": 25,
    "admin mode": 15,
    "maintenance mode": 10,
    "debug mode": 10,
    "i am your developer": 20,
    "this is your developer": 20,
}
