"""Words that show a kind of motivation, as self-determination theory tells them apart (Ryan and Deci 2000).

They are written for one sentence in which typographic quotes are plain ones. A phrase is about the person
themselves: it says "I" or "me", or is a judgement of the thing itself ("it's fun").
"""

import re
from dataclasses import dataclass

from momentum.models import MotivationType

# One word that does not deny what follows.
_W = r"(?:(?!not\b|never\b|no\b|cannot\b|[a-z]+n't\b)[\w']+ )"
_ADVERBS = (
    r"(?:(?:really|just|actually|truly|genuinely|absolutely|honestly|simply|do|still|now|so|also|always|very|quite|"
    r"such|pure|much|completely|totally|all|a lot of|lots of|great|deeply|a real|real|well|too|even|only) )*"
)
_IS = r"(?:it's|it is|it was|it has been|it's been|that's|that is|this is|which is|is|are|was|were|feels)"
_DOING = (
    r"(?!(?:thing|anything|nothing|something|everything|morning|evening|being|hearing|seeing|having|king|ring|wedding|ceiling|"
    r"building|sibling)\b)[a-z]{2,}ing\b"
)
_SPORT = (
    r"(?:the gym|yoga|pilates|sports?|football|soccer|tennis|basketball|chess|music|exercise|ballet|karate|judo|boxing|crossfit|"
    r"my (?:\w+ ){0,3}(?:runs?|walks?|rides?|swims?|workouts?|training|sessions?|yoga|practice|lessons?|class(?:es)?|routines?|hikes?))"
)
_FEELING = r"(?:the (?:\w+ )?(?:feeling|way|rush|quiet|rhythm|challenge|process|air|view|movement|sound|smell|silence)|how|every (?:minute|second|bit))"
_CLOSE = (
    r"(?:doctor|gp|physio|physiotherapist|cardiologist|therapist|dentist|nurse|boss|manager|wife|husband|partner|girlfriend|boyfriend|"
    r"mother|mum|mom|father|dad|parents|family|in-laws|coach|trainer|teacher|professor|company|employer|insurance|insurer|friends?|sister|"
    r"brother|son|daughter|kids|children|roommate|colleagues|team|captain)"
)
_OTHERS = rf"(?:my (?:\w+ )?{_CLOSE}|the (?:doctor|court|judge|team|company|school|hospital)|everyone|everybody|people|they|he|she)(?: at \w+| around me)?"
_BAD = r"(?:guilty|ashamed|embarrassed|worthless|pathetic|like an? (?:total |complete )?(?:failure|loser|fraud|quitter|slob|disappointment)|weak|bad about (?:myself|it|skipping|missing))"


# What a motive must be about where the words alone could be about anything ("my boss wants me to …").
DEED = re.compile(
    r"\b(?:run|runs|ran|running|jog\w*|walk\w*|steps?|hik\w+|rid(?:e|es|ing)|rode|bik\w+|cycl\w+|swim\w*|swam|climb\w*|boulder\w*|danc\w+|lift\w*|"
    r"squats?|work ?outs?|exercis\w+|train\w*|gym|yoga|pilates|stretch\w*|sports?|session|practi[cs]e\w*|lessons?|class|piano|guitar|violin|sing\w*|"
    r"chess|draw\w*|paint\w*|read(?:ing)?|writ(?:e|es|ing)|wrote|journal\w*|learn\w*|stud(?:y|ies|ying)|language|cook\w*|bak(?:e|es|ing)|recipes?|"
    r"garden\w*|meditat\w+|sleep\w*|bed|eat\w*|diet\w*|food|vegetables|sugar|salt|alcohol|drink(?:ing)?|smok\w+|cigarettes?|weigh\w*|kg|kilos|pounds|"
    r"quit\w*|habits?|plan|goal|streak|challenge|sign up|join\w*|log\w*|sav(?:e|ing)|money|routine|exam|shape|fit|healthy|healthier|health)\b",
    re.I,
)


@dataclass(frozen=True)
class Phrase:
    """A pattern of one kind. `weight` (0 to 1) is how sure it alone makes.

    A rhetorical one counts in questions too; one that needs a deed only beside words of something people do
    for themselves, or where the sentence ends with it ("because my doctor told me to").
    """

    kind: MotivationType
    weight: float
    pattern: re.Pattern[str]
    is_rhetorical: bool = False
    needs_deed: bool = False


def _of(
    kind: MotivationType,
    *phrases: tuple[float, str],
    rhetorical: bool = False,
    deed: bool = False,
) -> list[Phrase]:
    return [
        Phrase(kind, weight, re.compile(rf"(?<![\w'])(?:{words})", re.I), rhetorical, deed)
        for weight, words in phrases
    ]


PHRASES: tuple[Phrase, ...] = (
    *_of(
        MotivationType.INTRINSIC,
        (
            0.8,
            rf"i {_ADVERBS}(?:love|enjoy|adore|relish)(?:ed|d)? {_ADVERBS}(?:it\b(?! when (?!i\b))|this\b|{_FEELING}\b|{_SPORT}|{_DOING})",
        ),
        (0.6, rf"i {_ADVERBS}like (?:to )?(?:{_DOING}|{_SPORT})"),
        (0.8, r"(?:purely |just |simply )?for (?:the )?(?:fun|joy|pleasure|sheer joy)\b"),
        (0.8, r"for the (?:love|thrill) of|for its own sake"),
        (
            0.7,
            r"(?:lose|lost|losing) (?:all )?track of time|time (?:just )?flies|(?:absorbed|engrossed|immersed) in|in the flow",
        ),
        (0.7, r"makes? me (?:feel )?(?:so |really |very )*(?:happy|alive|smile|joyful)\b"),
        (
            0.7,
            r"(?:my favou?rite|the best|the highlight|my highlight) (?:(?:part|thing|bit|moment|hour|time) )?(?:of (?:my|the) (?:day|week)|to do)",
        ),
        (0.7, r"(?:relaxes|soothes|delights|thrills) me\b"),
        (0.6, r"could do (?:it|this|that) (?:for hours|all day)"),
        (0.6, r"because i (?:just |simply )?felt like it"),
        (0.6, r"(?:doesn't|does not|didn't) feel like (?:work|a chore|exercise)"),
    ),
    *_of(
        MotivationType.INTRINSIC,
        (0.7, r"enjoyed (?:the|my|this|today's|every)"),
        (
            0.8,
            rf"{_IS} (?:a )?{_ADVERBS}(?:fun|a joy|joy|a pleasure|enjoyable|fascinating|exciting|thrilling|a blast|treat|a treat|delightful|exhilarating|relaxing|soothing)\b",
        ),
        (
            0.7,
            r"i(?:'m| am)? (?:really |always |so |just )*look(?:ing)? forward to (?!hearing|your|seeing you|the end)",
        ),
        (0.7, r"can't wait (?:for|to)\b(?!.*\b(?:over|done|finished|end|quit|stop)\b)"),
        (0.6, rf"i(?:'m| am) {_ADVERBS}(?:curious|fascinated|intrigued|excited|thrilled)\b"),
        (
            0.6,
            r"(?:had|having) (?:such |so much )?(?:an? )?(?:good|great|lovely|wonderful|amazing|blast|so much fun|fun)(?: time)? (?:at|with|on|in|during|doing)\b",
        ),
        deed=True,
    ),
    *_of(
        MotivationType.INTRINSIC,
        (
            0.8,
            r"(?:absolutely |really |totally )?(?:loved|loving) (?:it|this|every (?:minute|second|bit))\b",
        ),
        (
            0.7,
            r"i (?:really )?like (?:it\b(?! when (?!i\b))|the way|how) .{0,30}\b(?:when i|my head|feels?|quiet|calm|flow)",
        ),
        (0.7, r"my happy place|grinning|on cloud nine"),
        (0.7, r"(?:deeply|so|really|very|incredibly) satisfying"),
        (0.8, r"the most fun|so much fun (?:doing|when i)|more fun than"),
        (
            0.6,
            r"i (?:just )?(?:wanted|felt like) (?:to )?(?:play|playing|run|running|move|moving|swim|draw|write|dance|going for)\b",
        ),
    ),
    *_of(
        MotivationType.IDENTIFIED,
        (0.6, r"that's what i(?: really)? want\b|(?:gets?|takes|brings) me where i want"),
        (0.6, r"counts (?:for )?(?:a lot|so much)|makes sense (?:to|for) me"),
        (0.6, r"(?:was|is|it's) my (?:own |very own )?(?:decision|choice|idea)\b"),
        (0.7, r"my (?:own )?(?:health|family|future|body|recovery) comes? first"),
        (
            0.7,
            r"i want to (?:see|watch) my (?:\w+ )?(?:grow up|kids|children|grandchildren|daughter|son)",
        ),
        (
            0.6,
            r"makes? my (?:life|days?|work) (?:so much |a lot |much )?(?:easier|better|calmer|richer)|makes? me a (?:better|calmer|healthier|stronger)",
        ),
        (0.6, r"i'll be able to\b.{0,60}\bwant"),
        (0.8, r"matter(?:s|ed)? (?:a lot |so much |more |most |deeply )?to me\b"),
        (0.8, rf"(?:{_IS}|feels?) {_ADVERBS}(?:important|valuable|meaningful) (?:to|for) me\b"),
        (
            0.6,
            r"for (?:my own (?!good time)\w+|my (?:health|future|wellbeing|well-being|heart|back|knees|body|mind|sanity|kids|children|family)\b(?! (?:doctor|insurance))|myself\b)",
        ),
        (
            0.6,
            rf"(?:{_IS}|i think that's|think it's) {_ADVERBS}(?:worth it|worthwhile|worth the \w+)",
        ),
        (0.6, r"helps? me\b(?! (?:out|please|with that|find|set|plan|make)\b)"),
        (0.7, rf"(?:{_IS}) {_ADVERBS}(?:good|great|healthy) for (?:me|my \w+)\b"),
        (
            0.7,
            r"(?:do|does|did|doing) me (?:so much |a lot of |a world of )?good|how much good .{0,25}(?:do|does|did) me",
        ),
        (0.7, rf"i {_ADVERBS}(?:value|believe in|care (?:a lot |deeply )?about (?!you\b))"),
        (0.6, r"because i (?:really |truly |deeply )*(?:believe|value|know|want|care)\b"),
        (
            0.6,
            r"so (?:that )?i can (?:be|stay|keep|live|have|play|feel|enjoy|one day|later|finally)\b",
        ),
        (
            0.7,
            r"i want to (?:be|stay|feel|get|become|keep|live|see|have|grow)\b.{0,60}\b(?:when i(?:'m| am)? |for my|with my|healthy|health|stronger|strong|fit|fitter|independent|patient|calm|calmer|energy|older|old|teeth|free)",
        ),
        (
            0.7,
            r"closer to (?:my (?:\w+ )?goals?|the \w+ i want|what i want|where i want)|(?:to|will) get me to my\b",
        ),
        (0.6, r"i (?:chose|choose|picked) (?:this|it|that)\b"),
        (0.6, r"i (?:can )?see (?:how much|the (?:benefit|value|difference|results?))"),
        (0.6, r"my (?:heart|body|back|mind|lungs|knees|head) needs? (?:it|this|that)"),
        (
            0.6,
            r"don't want to (?:end up|get sick|die early|lose my (?:health|mobility|teeth|independence))",
        ),
        (0.6, r"gives? me (?:\w+ )?(?:freedom|energy|strength|choices|options|security|clarity)"),
        (
            0.5,
            r"i (?:think|feel|sleep|focus|move|concentrate) (?:so |much |a lot |far )*(?:more clearly|clearer|better|stronger|calmer) (?:when|if|after|since|because)",
        ),
    ),
    *_of(
        MotivationType.INTEGRATED,
        (0.9, rf"(?:{_IS}) {_ADVERBS}(?:exactly )?who i (?:am|want to be)\b"),
        (
            0.8,
            r"part of (?:who i am|me\b(?! (?:wants|thinks|hates|feels|is|just|doesn't|knows))|my (?:life|identity|nature|self))",
        ),
        (0.8, r"(?:kind|sort|type) of (?:person|man|woman|parent|runner) (?:who|i|that)\b"),
        (
            0.7,
            r"i(?:'m| am) (?:just |simply |now |truly |proudly )*an? (?:\w+ )?(?:runner|athlete|writer|cyclist|swimmer|climber|non-?smoker|vegan|vegetarian|reader|musician|lifter|dancer|yogi|early riser)\b",
        ),
        (0.7, r"i(?:'m| am) (?:just |simply )?(?:not a|no longer a) (?:smoker|drinker)\b"),
        (0.8, r"i (?:\w+ )?(?:see|think of|consider|regard) myself (?:as )?an?\b"),
        (
            0.8,
            r"(?:in line|aligned|in tune|in harmony|consistent) with (?:my (?:\w+ )?(?:values|beliefs|principles|self)|what i (?:believe|stand for|value)|who i)",
        ),
        (
            0.8,
            r"(?:fits?|match(?:es)?|reflects?|expresses) (?:my (?:\w+ )?(?:values|beliefs|principles)|what i (?:believe|stand for|value)|who i|the (?:kind|sort) of person)",
        ),
        (0.7, r"(?:the way|how) i live\b"),
        (0.8, r"my identity\b"),
        (0.8, r"i(?:'m| am) a person who\b"),
        (0.6, r"second nature to me|comes? naturally to me"),
        (0.8, r"this is (?:just |simply )?me\b(?! (?:\w+ing|with|at|on|after|before)\b)"),
        (0.8, r"i (?:wouldn't|would not) be (?:me|myself) without"),
        (0.7, r"(?:everything|what) i stand for"),
        (
            0.7,
            r"i(?:'ve| have) always been an? (?:\w+ )?(?:person|runner|athlete|reader|walker|cyclist|swimmer)",
        ),
        (0.6, r"through and through"),
    ),
    *_of(
        MotivationType.INTROJECTED,
        (
            0.8,
            rf"i(?:'d|'ll|'m|'ve| am)? {_W}{{0,3}}(?:feel|felt|feeling|be|am|was|been) {_W}{{0,2}}{_BAD}",
        ),
        (0.8, rf"i(?:'m| am) {_W}{{0,2}}(?:ashamed|worthless|a failure|such a failure|pathetic)"),
        (0.8, rf"(?:makes?|made|leaves?) me feel {_W}{{0,2}}{_BAD}"),
        (0.8, r"(?:beat|beating|kick|kicking|hate|hated|hating|despise|blame|blaming) myself\b"),
        (0.8, r"(?:disappointed|angry|mad|furious|annoyed) (?:in|with|at) myself"),
        (0.8, r"let(?:ting)? myself down"),
        (0.7, r"prove (?:to myself|it to myself|that i(?:'m| am)|i(?:'m| am) not|myself)"),
        (
            0.7,
            r"i (?:really |honestly |just )*should (?:really )?(?:be (?:doing more|doing better|further|better|able to)|do more|have (?:gone|done|tried|managed)|try harder)",
        ),
        (0.7, r"i (?:really )?ought to\b"),
        (0.7, r"i(?:'m| am) (?:so|just|such a|too|simply) (?:lazy|weak|undisciplined|useless)"),
        (0.8, r"(?:can't|cannot|couldn't|won't|never) forgive myself"),
        (0.7, r"i owe (?:it|this|that) to myself"),
        (
            0.8,
            r"so (?:that )?i (?:wouldn't|won't|don't) (?:have to )?feel (?:so )?(?:bad|guilty|ashamed)",
        ),
        (0.7, r"look at myself in the mirror|guilty conscience|my (?:bad )?conscience"),
        (0.7, r"the guilt\b(?! trip)"),
        (0.7, r"i should(?:'ve| have) (?:gone|done|run|trained|tried|managed|stayed|gotten up)"),
        (
            0.8,
            r"feel (?:so |really )?(?:awful|terrible|horrible|disgusting|rotten|lousy) about myself",
        ),
        (0.6, r"i have no excuse|no excuses? for me"),
        (0.6, r"i'd (?:look|feel) (?:so )?(?:stupid|ridiculous|like an idiot)"),
        (0.6, r"feel like i (?:deserve|have earned|earned)|i don't deserve"),
        (0.8, r"(?:don't|do not|didn't) want to (?:let|disappoint) myself"),
        (0.8, r"i'll (?:hate|despise|never forgive) myself"),
        (0.6, r"i must not (?:fail|miss|slip|give in)"),
    ),
    *_of(
        MotivationType.INTROJECTED,
        (0.7, r"what(?:'s| is) wrong with me\b"),
        rhetorical=True,
    ),
    *_of(
        MotivationType.EXTERNAL,
        (0.8, rf"{_OTHERS} (?:keeps?|kept) (?:nagging|telling|pushing|pestering|bugging) me"),
        (0.7, rf"{_OTHERS} (?:\w+ )?(?:nags|nag|pressures|pressure) me"),
        (
            0.7,
            rf"{_OTHERS} (?:expects?|insists?|insisted|ordered)(?: on)?(?: it| this)?\b(?! (?:him|her|them|that (?:he|she|they)))",
        ),
        (
            0.8,
            rf"{_OTHERS} will (?:be (?:so |really |very )?(?:angry|mad|disappointed|upset|furious)|kick me|fire me|leave me|complain|scold)",
        ),
        (
            0.8,
            r"for (?:the|a|my) (?:\w+ )?(?:discount|bonus|prize|money|reward|points|badge|medal|bet|cash)\b",
        ),
        (0.7, r"(?:get|win|earn|receive) an? (?:bonus|reward|discount|prize)"),
        (0.6, r"(?:company|boss|employer|insurance) pays? (?:me )?for (?:it|this)"),
        (0.6, r"or (?:else )?(?:they|he|she|my \w+) (?:won't|will|'ll)\b|or they'll"),
        (
            0.7,
            r"so (?:that )?(?:my \w+|he|she|they|everyone|people) (?:stops?|won't|doesn't|don't|leaves? me)\b",
        ),
        (
            0.7,
            r"to (?:please|impress|satisfy|appease) (?:my|him|her|them|everyone|everybody|people|others)\b",
        ),
        (
            0.6,
            r"i want (?:everyone|everybody|people|them|him|her)\b.{0,40}\b(?:impressed|jealous|envious|proud of me)",
        ),
        (
            0.6,
            r"(?:i had|i have|there was) no choice|i didn't choose (?:this|it)|(?:wasn't|not) my (?:own )?(?:choice|idea)",
        ),
        (0.6, r"insurance .{0,30}more expensive"),
    ),
    *_of(
        MotivationType.EXTERNAL,
        (
            0.8,
            rf"{_OTHERS} (?:\w+ ){{0,2}}(?:wants?|wanted|expects?|expected|asks?|asked|needs?|tells?|told|begs?|begged|forces?|forced|pushes|pushed|urges?|urged|orders?|ordered|advised) me (?:to|into)\b",
        ),
        (
            0.8,
            rf"{_OTHERS} (?:\w+ ){{0,2}}(?:says?|said|thinks?|insists?|insisted) (?:that )?i (?:have to|must|should|need to|ought to)",
        ),
        (
            0.8,
            rf"{_OTHERS} (?:makes|made|make) me\b(?! (?:feel|happy|laugh|smile|sad|cry|angry|so\b|breakfast|dinner|lunch|coffee|a\b))",
        ),
        (
            0.8,
            r"i (?:was|got|have been|'ve been) (?:told|ordered|forced|pressured|talked) (?:to|into)\b",
        ),
        deed=True,
    ),
    *_of(
        MotivationType.EXTERNAL,
        (0.7, r"(?:doctor|boss|coach|trainer)'s orders"),
        (
            0.7,
            rf"{_OTHERS} (?:always |even )?(?:checks?|controls?|monitors?)\b.{{0,30}}\b(?:whether|if|that|on) (?:i|me)\b",
        ),
        (0.6, r"i(?:'m| am| get) paid (?:to|for)\b|because i get paid"),
        (0.7, r"signed (?:me|us)(?: all)? up"),
        (0.7, r"an ultimatum|threatened to (?:leave|fire|cut)"),
        (0.7, rf"{_OTHERS} (?:would|will|'ll|'d) (?:kill|murder|shout at|yell at) me"),
        (
            0.7,
            rf"{_OTHERS} would be (?:so |really |very )?(?:angry|mad|disappointed|upset|furious)",
        ),
        (0.7, rf"{_OTHERS} wants? to see (?:results|progress)"),
    ),
    *_of(
        MotivationType.AMOTIVATION,
        (0.7, r"not (?:really |even |at all |very )*motivated"),
        (0.6, r"see (?:this|it) going anywhere|leads? (?:to nothing|nowhere)|going nowhere"),
        (0.8, r"(?:i've|i have|i) stopped caring"),
        (0.7, r"no idea why i(?:'m| am| even| still| started| bother)"),
        (0.6, r"(?:ask|asking) myself what for"),
        (
            0.9,
            r"(?:don't|do not|can't|cannot|didn't|no longer) (?:really |even )?see (?:the|any|a) (?:point|sense|reason|use)\b",
        ),
        (
            0.8,
            r"(?:don't|do not|no longer) (?:really |even |honestly )?know (?:why|what) i(?:'m| am) (?:still |even )*(?:doing|trying|here)",
        ),
        (
            0.9,
            r"(?:lost|losing|lose) (?:all |my |any |every |the )*(?:motivation|drive|interest|will to)\b",
        ),
        (0.8, r"(?:no|zero) (?:motivation|drive)\b"),
        (0.8, r"(?:can't|cannot|couldn't) (?:really )?be bothered"),
        (
            0.8,
            r"(?:couldn't|could not) care less|(?:don't|do not) (?:really |even )?care (?:anymore|any more|about any)",
        ),
        (
            0.7,
            r"(?:i(?:'ve| have)? (?:just |nearly |almost )?(?:given|give|gave)|i'm giving|giving) up\b(?! (?:smoking|sugar|alcohol|coffee|meat|drinking|cigarettes|sweets|chocolate|snacks|my seat))",
        ),
        (
            0.8,
            r"nothing (?:i do |i try )?(?:ever )?(?:makes (?:a|any)|changes|helps|works|matters)\b",
        ),
        (
            0.7,
            r"(?:doesn't|does not) matter what i do|makes no difference|won't make (?:a|any) difference",
        ),
        (
            0.8,
            rf"(?:{_IS}|it's all|it all feels) {_ADVERBS}(?:pointless|useless|futile|meaningless|hopeless)\b",
        ),
        (0.7, r"(?:no|there's no|there is no) (?:point|use|sense) (?:in|to|trying|continuing)\b"),
        (0.6, r"wasting my time|(?:complete |total )?waste of (?:my )?time"),
        (
            0.6,
            r"(?:don't|do not) feel like (?:doing )?(?:anything|any of (?:it|this)|trying|going on with)",
        ),
        (0.7, r"(?:can't|cannot|couldn't) (?:get|bring|make) myself to\b"),
        (0.6, r"(?:feel|felt) like (?:quitting|giving up)"),
    ),
    *_of(
        MotivationType.AMOTIVATION,
        (
            0.8,
            r"what(?:'s| is) the (?:point|use)(?=\W*$|,| (?:anymore|any more|anyway)\b| of (?:it|this|all|any|trying|even)\b)",
        ),
        (0.8, r"why (?:do i |should i )?(?:even )?bother\b(?! (?:him|her|them|you))"),
        rhetorical=True,
    ),
)
