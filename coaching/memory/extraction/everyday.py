"""What people tell in passing: days that are hard or free, routines, opinions of things, what does them good.

These are looser than the first rules and come after them, so that what is told plainly is read as that.
"""

import re

from .found import Lasting
from .rule import (
    CONTEXT,
    DATE,
    INSIGHT,
    JOB,
    PREFERENCE,
    RELATION,
    RELATIONSHIP,
    STRUGGLE,
    VICTORY,
    Rule,
    rule,
    stems,
)

_DAY = r"(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)"
_PART = r"(?:mornings?|evenings?|afternoons?|nights?|lunch ?breaks?|lunchtimes?)"
_TIMES = rf"(?:(?:my |the )?(?:{_DAY}(?: (?:and|or) {_DAY})?(?: {_PART})?|(?:early |late )?{_PART}|weekends?|weekdays|workdays|winters?|summers?|holidays))"
# What an opinion is about: an activity, or a thing of eating, moving and resting; never "it", "that" or the app.
_NOT_THING = r"(?!(?:it|that|this|these|those|there|here|you|your|he|she|they|we|i|what|who|which|nothing|everything|something|one|the (?:app|plan|coach|weather|chart|reminder|second|first)|thanks)\b)"
_THING = rf"{_NOT_THING}(?:[a-z][\w'-]*)(?: [\w'-]+){{0,5}}?"
_DOING = rf"{_NOT_THING}(?:\w+ ?-?)?(?:\w{{2,}}ing|gyms?|runs|walks|yoga|pilates|groups?|classes|meetings|mornings|evenings|breakfast|vegetables|salads?|sports?|crowds|kale|lentils|beans|tofu|oats|oatmeal|porridge|eggs|fish|chicken|rice|pasta|fruit|soups?|smoothies|coffee|tea|chocolate|cooking|sundays|weekends|podcasts|audiobooks|music|swims?|hikes?|(?:cold )?showers|saunas?|dancing|gardening)(?: [\w'-]+){{0,5}}?"
_SO = r"(?:really |so |too |very |just |always |usually |quite |pretty |super |absolutely |rather |a bit |often )*"
_MANY = r"(?:\d+|an?|half an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|a hundred)"
_WORSE = r"boring|annoying|awful|horrible|terrible|a chore|a pain|the worst|exhausting|tedious|not for me|not my thing|stressful|too loud|a nightmare|depressing"
_BETTER = r"fun|great|relaxing|amazing|wonderful|awesome|my thing|my favou?rite(?: \w+)?|my happy place|the best|easy for me|lovely|calming"


def _opinion(found: re.Match[str]) -> tuple[str, str]:
    groups = found.groupdict()
    return f"likes {' '.join(stems(groups['what'])[:4])}", "no" if groups.get("worse") else "yes"


def _rather(found: re.Match[str]) -> tuple[str, str]:
    return f"likes {' '.join(stems(found['what'])[:4])}", "yes"


EVERYDAY: list[Rule] = [
    # --- People, by name or by what they do
    rule(r"^(?:i|we) have (?P<value>(?:an? |two |three |four |one )?(?:\w+[- ]year[- ]olds?|newborn|toddler|teenagers?|baby|kids?|children)\b.*)$", RELATIONSHIP, "family", slot="family", lasting=Lasting.LONG),
    rule(rf"^(?:my|our) (?P<relation>{RELATION})(?:,? (?:called |named )?(?P<name>[a-z]+))?,? and i (?P<value>.{{4,}})$", RELATIONSHIP),
    # --- Not well for now, in the person's words and for a few days
    rule(r"^i (?:(?:have|have got|got|am|feel|caught) [\w' ]{2,40} and )?(?P<value>can not (?:run|train|exercise|work out|walk|swim|lift|cycle|go (?:out|to the gym)|do (?:much|sports?|anything)) .*(?:today|tomorrow|this week|next week|until|till|for (?:a|the|\w+) (?:few |next |couple of )?(?:days?|weeks?)).*)$", CONTEXT, "for now", happens=True),
    rule(r"^i (?:have|caught|got|am down with|am in bed with) (?P<value>(?:a |the )?(?:bad |nasty |slight |heavy )?(?:cold|flu|fever|stomach bug|covid|sore throat|migraine)(?: .*)?)$", CONTEXT, "for now", happens=True, valence=-0.3),
    # --- Days and hours
    rule(r"^i (?:tore|ruptured|fractured) my (?P<value>acl|meniscus|\w+ ligament|\w+)\b.*$", CONTEXT, "health", lasting=Lasting.LONG, valence=-0.4),
    rule(rf"^(?P<value>{_TIMES} (?:is|are) {_SO}(?:the )?(?:hardest|worst|toughest|most difficult|hard|tough|difficult|brutal|chaos|chaotic|a mess|a nightmare|rough|stressful|hell)(?: (?:part|day|days|time))?(?: of (?:the|my) (?:day|week))?(?: for me)?(?:,? (?:because|since|when|with|as|due|thanks) .*)?)$", STRUGGLE, valence=-0.5),
    rule(rf"^(?P<value>{_TIMES} (?:is|are) {_SO}(?:the )?(?:easiest|easy|best|calmest|quietest)(?: (?:part|day|days|time))?(?: of (?:the|my) (?:day|week))?(?: for me)?\b.*)$", INSIGHT, valence=0.3),
    rule(r"^(?P<value>the (?:hardest|worst|toughest|most difficult|trickiest) (?:part|thing|time|day|days|moment)s?(?: (?:for me|of \w+(?: \w+)?))? (?:is|are) (?!that$|this$|it$).{4,})$", STRUGGLE, valence=-0.5),
    rule(rf"^(?P<value>{_TIMES} (?:is|are) (?:always |usually |mostly |now |all |already )*(?:free|full|busy|taken|blocked|off|packed|gone|booked|reserved|family time)\b.*)$", CONTEXT, "schedule"),
    rule(rf"^(?:i|we) (?:can not|never|do not) (?:do|make|manage|have time(?: on| in the)?|work out(?: on)?|run(?: on| in the)?|train(?: on)?) (?P<value>(?:on )?{_TIMES}\b.*)$", CONTEXT, "schedule"),
    rule(r"^(?P<value>(?:(?:my|the|our) )?(?:\w+['’]s? )?(?:(?:team |morning |evening )?meetings?|stand-?ups?|shifts?|school|work|classes|class|kindergarten|daycare|lectures?|training|practice|office) (?:now )?(?:starts?|begins?|ends?|finish(?:es)?|runs?) (?:now )?(?:earlier|later|late|early|at|before|after|until|till|in the) ?.*)$", CONTEXT, "schedule"),
    rule(r"^i (?:usually |often |always |only |normally |mostly )*(?P<value>(?:get (?:back )?home|come (?:back )?home|arrive home|leave the house|leave home|get off work|get back from work|pick up the kids|start my shift|finish my shift) (?:at|around|about|by|before|after|from|late|very late|early) ?.*)$", CONTEXT, "schedule"),
    rule(r"^i (?P<value>(?:visit|see|meet|call|drive|pick up|drop off|take|bring|look after|care for|help) (?!you\b|it\b|that\b).{2,60} (?:every|each|on weekdays|after work|before work|twice a|once a|daily|\d+ times a|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b.*)$", CONTEXT, "schedule"),
    rule(rf"^i (?:\w+ly )?(?P<value>(?:sit|stand|drive|commute|walk|stare|spend|study|am on my feet|run|swim|cycle|train|exercise|cook|meditate|read|journal|work out|play \w+) (?:\S+ ){{0,6}}?(?:(?:about |almost |over |around |at least )?{_MANY} (?:hours?|minutes?|kilomet\w+|km|miles|times) ?(?:an?|per|every|each)? ?(?:day|week|night|morning)?|all day|most of the day|(?:once|twice|\d+ times|three times|four times|five times) (?:a|per) (?:day|week|month))\b.*)$", CONTEXT, "routine"),
    rule(r"^i (?:usually|normally|typically|mostly|generally|always|often) (?P<value>(?:just |only )?(?:have|eat|drink|cook|skip|take|run|walk|go|watch|read|sit|play|listen|meet|call|train|stretch|start|stop|order|buy|bring|bike|cycle|swim|snack|nap|lie|wake|leave|come) (?!it\b|that\b|this\b|you\b).{3,})$", CONTEXT, "routine"),
    rule(r"^i (?P<value>skip (?:breakfast|lunch|dinner|meals)\b.*)$", CONTEXT, "routine", "food"),
    rule(r"^(?:(?:i|we) )?have not (?P<value>(?:done|run|exercised|trained|slept|worked out|eaten|cooked|been|had|played|swum|taken|smoked|touched|moved) .*\b(?:in|for|since) (?!a while$).+)$", CONTEXT, "routine"),
    # --- Plans and states with a day
    rule(rf"^(?:i|we) (?:will be|am|are|am going to be) (?P<value>(?:away|abroad|in [a-z]{{3,}}|out of town|on (?:holiday|vacation|leave|call|the road)|at (?:my|a|the) [\w ]+|travell?ing)\b.*\b(?:{DATE}|from \w+day|until \w+|till \w+|all week|this week|for (?:a|the|\w+) (?:few )?(?:days|weeks?)).*)$", CONTEXT, "event", happens=True),
    rule(r"^(?:i am |i will be )?(?P<value>starting (?:(?:at|in|as|with) )?(?:an? |my |the )?(?:new )?(?:job|company|position|role|school|course|degree|university|studies|team|business)\b.*)$", CONTEXT, "life event", lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?:am|are) (?:currently |still |also |now )*(?P<value>(?:saving(?: up)? for|paying off|renovating|building a|learning|writing a|studying|looking for a|planning (?:a|our|my) (?:wedding|trip|move|baby)|caring for|raising|working on (?:a|my) (?:thesis|book|degree|novel)) .{2,})$", CONTEXT, "project", lasting=Lasting.LONG),
    rule(r"^i am (?:originally )?(?P<value>from (?!here|there|the (?:app|plan))[a-z]{3,}(?: [a-z]+)?)$", CONTEXT, "home", lasting=Lasting.LONG),
    rule(rf"^i am (?P<value>an? (?:[\w-]+ ){{0,4}}{JOB} and .+)$", CONTEXT, "work", slot="job", lasting=Lasting.LONG),
    rule(r"^(?:i|we) (?P<value>owe .{2,60}\d.*)$", CONTEXT, "money", valence=-0.2),
    rule(r"^i (?:now |currently |still )*(?P<value>weigh (?:about |around |only )?\d.*)$", CONTEXT, "weight", slot="weight"),
    rule(r"^i am (?P<value>[1-9]\d)(?: years? old)?(?:,| and) .*$", CONTEXT, slot="age", lasting=Lasting.LONG),
    rule(r"^(?:i|we) live (?P<value>(?:on|near|next to|close to|far from|right|above|opposite|outside|by|\w+ minutes from|in the (?:country|city|suburbs|mountains)) .{3,})$", CONTEXT, "home", lasting=Lasting.LONG),
    rule(r"^i have (?P<value>(?:an? |my |our |two |\d )?(?:standing desk|treadmill|home gym|dumbbells|kettlebells?|exercise bike|bike|bicycle|rowing machine|yoga mat|garden|balcony|gym membership|desk job|office job|long commute|smart ?watch|car|pool)\b.*)$", CONTEXT, "home", lasting=Lasting.LONG),
    rule(r"^(?:i|we) am (?:currently |still |now |also )*(?P<value>(?:covering for|dating|sharing|fasting|dieting|studying|training|cutting (?:out|down|back)|counting (?:calories|steps)|taking (?:a course|classes|medication|iron|antibiotics|care of)|working (?:two|three|overtime|from|full|part|nights|on|\d)|eating (?!it|that)|living|commuting|homeschooling|freelancing|breastfeeding|quitting|weaning) .{3,})$", CONTEXT, "for now"),
    # --- Opinions
    rule(rf"^i (?:really |always |actually )?find (?P<what>{_THING}) {_SO}(?:(?P<worse>{_WORSE}|hard|difficult)|{_BETTER}|easy|interesting)$", PREFERENCE, slot=_opinion, valence=None),
    rule(rf"^(?P<what>{_THING}) {_SO}(?:(?P<worse>annoys|annoy|bores?|bugs?|scares?|stress(?:es)?|overwhelms?|exhausts?|drains?|frustrates?|disgusts?|irritates?|kills?)|relax(?:es)?|excites?|recharges?|delights?|cheers?) me(?: (?:out|up|off|a lot|so much))*$", PREFERENCE, slot=_opinion, valence=None),
    rule(rf"^(?P<what>{_DOING}) (?:is|are) {_SO}(?:(?P<worse>{_WORSE})|{_BETTER})(?:,? .{{0,40}})?$", PREFERENCE, slot=_opinion, valence=None),
    rule(rf"^(?P<what>{_THING}) (?:is|are) {_SO}(?:(?P<worse>not (?:really )?(?:for me|my thing)|not my cup of tea)|my (?:thing|favou?rite|happy place|cup of tea))$", PREFERENCE, slot=_opinion, valence=None),
    rule(r"^i would rather (?P<what>(?!not\b|you\b|have you\b|talk\b|know\b).{3,60}?)(?: than .+)?$", PREFERENCE, slot=_rather),
    # --- What does them good, and what does not
    rule(rf"^(?P<value>{_THING} (?:really |always |often |usually |totally )*(?:clears?|lifts?|boosts?|improves?|saves?|settles?|eases?|fixes|resets?|brightens?) my (?:whole )?(?:mood|head|mind|motivation|sleep|day|days|energy|evenings?|mornings?|back|focus|stomach|nerves|appetite)\b.*)$", INSIGHT, valence=0.4),
    rule(rf"^(?P<value>{_THING} (?:really |always |often |usually |totally )*(?:kills?|ruins?|destroys?|wrecks?|messes up|eats? up|drains?|spoils?|costs?) (?:my|me) (?!much\b).{{3,}})$", STRUGGLE, valence=-0.5),
    rule(rf"^(?P<value>{_THING} (?:really |always |often |usually )*helps? (?:me|my) .{{3,}})$", INSIGHT, valence=0.4),
    rule(rf"^(?P<value>{_THING} (?:really |always |usually |often )?(?:makes?|leaves?|gets?) me (?!think|laugh|wonder|want to (?:quit|scream)).{{3,}})$", INSIGHT, valence=None),
    rule(rf"^(?P<value>{_THING} (?:makes?|made) [\w' -]{{3,40}} (?:fun|easier|easy|harder|bearable|possible|better|worse|impossible|more fun|less boring))$", INSIGHT, valence=None),
    rule(rf"^(?P<value>{_THING} (?:is|are) (?:the (?:only|one) (?:thing|way|time)|what) (?:that |which )?(?:keeps?|gets?|helps?|calms?|motivates?|works?|saves?|lets?) .{{2,}})$", INSIGHT, valence=0.3),
    rule(r"^(?P<value>(?:when|whenever|on (?:the )?days (?:when|where|that)|after|if) (?:i|my|we)? ?(?!get a chance)[^,]{4,80},? i (?:always |usually |actually |really |often |tend to |immediately |just )*(?!will\b|am going\b|shall\b|would\b|want\b|need\b|promise\b|was\b|had\b)(?:sleep|feel|am|eat|go|run|train|wake|focus|work|skip|crave|snack|get|do|stay|manage|forget|end up|have (?:more|less|no)) ?.*)$", INSIGHT, valence=None),
    rule(r"^i (?:notice|see|know|find|feel) (?:that )?i (?:am|feel|sleep|eat|work|run|get|focus) (?:\w+ ){0,3}(?P<value>.*\b(?:when|after|without|if|before|on days)\b .{3,})$", INSIGHT, valence=None),
    rule(rf"^(?P<value>{_NOT_THING}[a-z][\w' -]{{3,60}} (?:is|are|was|has been|have been) (?:always |usually |really )*the (?:highlight|best (?:part|thing|moment|time)) of my \w+.*)$", INSIGHT, valence=0.6),
    # --- Struggles and wins
    rule(rf"^(?P<value>{_THING} (?:is|are) my (?:main |big |biggest |only |real |worst )*(?:problem|weakness|downfall|weak spot|enemy|nemesis|struggle|challenge|obstacle|issue|kryptonite))$", STRUGGLE, valence=-0.5),
    rule(r"^my (?:biggest|main|worst|only) (?P<value>(?:fear|worry|problem|weakness|hurdle|struggle|temptation|excuse|issue) is .{4,})$", STRUGGLE, valence=-0.5),
    rule(r"^(?:i|we) (?:still |always |often |just |really |definitely )*(?P<value>(?:spend|earn|drink|eat|sit|work|smoke|worry|snack|sleep|watch|scroll|go to bed|stay up|buy|order|think|overthink|talk|work out) (?:way |far |a bit |much )*(?:too (?:much|little|late|many|often|long|few)).*)$", STRUGGLE, valence=-0.5),
    rule(r"^i (?P<value>(?:gave up|fell off the wagon|relapsed|burned out|dropped out|stopped going|lost motivation|quit|failed|stopped) (?:again |twice |then )*(?:after|because|when|last|within|in the|halfway|as soon as) .{3,})$", STRUGGLE, valence=-0.5),
    rule(r"^i (?:almost |often |really )*(?P<value>(?:never|rarely|hardly ever|hardly|barely|seldom|do not|often do not) have (?:the |any |enough |much )?(?:energy|time|motivation|patience|strength|willpower|appetite) (?!to (?:talk|chat)|now|today|tomorrow|right now)(?:for|to|after|in|on|left|before|when) .{2,})$", STRUGGLE, valence=-0.5),
    rule(r"^(?:i )?(?P<value>(?:woke up|lay awake|was awake|slept).* (?:could not|did not) .{4,}|could not (?:fall (?:back )?asleep|sleep|get (?:up|out of bed)|stop (?:eating|snacking|scrolling|worrying)).*|slept (?:badly|terribly|poorly|only).*)$", STRUGGLE, valence=-0.5),
    rule(r"^i (?:have (?:always |often )?)?(?:been )?(?P<value>(?:having trouble|having a hard time|struggling|falling behind|losing motivation) .{3,})$", STRUGGLE, valence=-0.5),
    rule(rf"^(?P<value>(?:{_MANY}|a whole|a full|half a) (?:days?|weeks?|months?|years?) (?:without|no|of no|clean|sober|smoke-free|alcohol-free|in a row|straight)\b.*)$", VICTORY, valence=0.7),
    rule(r"^(?:i )?(?:just |finally )*(?P<value>(?:passed my|graduated|won (?:the|my|a)|finished my (?:thesis|degree|book|course|first)|got my (?:degree|licen[cs]e|diploma|black belt)|beat my|paid off my) ?.*)$", VICTORY, valence=0.7),
    rule(r"^i (?P<value>(?:lose|run out of) (?:interest|motivation|focus|patience|steam|momentum|my drive|willpower)\b.*)$", STRUGGLE, valence=-0.5),
    rule(r"^i have been (?P<value>(?:sober|smoke-free|clean|alcohol-free|off \w+|without (?:a )?\w+) (?:for|since) .{3,})$", VICTORY, valence=0.7),
    rule(r"^(?:i |just )*(?P<value>(?:ran|swam|cycled|walked|lifted|benched|squatted|deadlifted|did) (?:my (?:first|longest|fastest) .+|\d.* (?:without stopping|nonstop|in a row|for the first time|without a break).*|.*(?:personal best|new record|for the first time).*))$", VICTORY, valence=0.7),
    rule(r"^(?:i )?(?P<value>did all (?:of )?my (?!homework)\w.*|(?:\d+|ten|twenty|thirty|fifty) (?:\w+ )?in a row.*)$", VICTORY, valence=0.6),
    rule(r"^i (?!hope|want|would|will|wish)(?P<value>\w+ .*\b(?:first time (?:ever|in|since)|for the first time|personal best|new record|longest ever|fastest ever)\b.*)$", VICTORY, valence=0.7),
    rule(r"^i (?P<value>(?:always|often|usually|constantly|keep) (?!do\b|know\b)\w+ .*\b(?:when|whenever|if|because) (?:i am|i feel|i get|i have|things get|work is|the kids) (?:so |too |very |really )*(?:stressed|tired|bored|alone|lonely|sad|anxious|busy|late|nervous|hungry|angry|frustrated|overwhelmed|crazy|a bad day)\b.*)$", STRUGGLE, valence=-0.5),
    # --- Whatever is done again and again
    rule(rf"^(?:i|we) (?!want|need|will|would|wish|hope|should|must|had|was|have to|have been|am|are|did|do not know|feel|promise|told|said)(?P<value>[a-z]+ (?!you\b|it\b|that\b|this\b).*\b(?:every (?:other |single |second )?(?:day|week|month|morning|evening|night|weekend|weekday|{_DAY})|on {_DAY}(?: (?:and|or) {_DAY})?(?: {_PART})?|most (?:days|mornings|evenings|nights)|(?:\S+ ){{1,2}}(?:a|per) (?:day|week|month|night)|on (?:weekends|weekdays|workdays))\b.*)$", CONTEXT, "routine"),
]  # fmt: skip
