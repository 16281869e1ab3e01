"""The patterns of the intents, as data: how much each speaks for its intent, from 0 to 1.

They are matched against lower-case text with contractions written out ("don't" reads "do not").
"""

_DONE_THING = r"(?:my |the |a |an |today's |this morning's )?(?:\w+[- ]){0,3}?(?:runs?|walks?|workouts?|meditation|journal(?:ing)?|yoga|reading|stretch(?:es|ing)?|study|session|habits?|practice|gym|exercises?|lesson|push[- ]?ups?|spanish|french|pages?|chapter|water|budget|review|planks?|swim|ride|class|gratitude|floss(?:ing)?|breathing|walking|running|duolingo|guitar|piano|steps|savings?)"

PATTERNS: dict[str, list[tuple[float, str]]] = {
    "create_goal": [
        (
            0.75,
            r"(?:\b(?:i|but|and|still) |^)(?:\w+ ){0,2}?(?:want|would like|would love|would rather|wish|hope|need|plan|aim|decided|intend|would rather)(?: to)? (?:be able to )?(?:run|learn|save|lose|read|write|sleep|meditate|quit|stop|get (?:in|into|fit|better|strong|out|up|healthy|healthier|organi[sz]ed|promoted|a|to)|eat|drink|build|become|be (?:more|less|healthier|fitter|fluent|better|able|a)|exercise|work out|walk|study|practi[cs]e|pay (?:off|down)|wake|reduce|gain|play|finish|swim|cycle|bike|hike|climb|speak|organi[sz]e|declutter|improve|start (?!over|again)|master|cook|invest|budget|cut (?:back|down|out)|spend (?:less|more)|give up (?:smoking|sugar|alcohol|coffee|drinking)|do (?:a|\d+|more|yoga|push)|make (?:more|friends|a habit)|grow|focus|train|complete|earn|launch|develop|feel (?:better|calmer|healthier|stronger)|manage|hit)\b",
        ),
        (
            0.7,
            r"\bmy (?:\w+ ){0,2}?(?:goal|aim|dream|target|objective|resolution|ambition)s?(?: for \w+(?: \w+)?)? (?:is|are|would be|will be)\b",
        ),
        (
            0.7,
            r"\b(?:set|add|create|make|have|start|got|define|new) (?:me )?(?:a |an |another |my |some )?(?:new |big |personal |fitness |learning |savings? |money |health |career |weight )*goals?\b",
        ),
        (
            0.6,
            r"\b(?:help|teach|coach|get|train) me (?:to |with |how to |in |into )?(?:run|learn|save|saving|lose|losing|read|write|writing|sleep|meditat\w+|quit\w*|eat|drink|build|become|get (?:in|into|fit|better|stronger|out|up|healthier|organi[sz]ed)|exercise|exercising|work out|walk|study|practi[cs]e|pay off|wake|reduce|gain|play|finish|swim|cycle|speak|organi[sz]e|declutter|improve my (?!consistency|streak)|master|cook|budget\w*|cut|spend|be more|shape|focus|procrastinate less|stop (?!being|missing|forgetting))\b",
        ),
        (
            0.55,
            r"\bi (?:am|have been) (?:training|preparing|saving|studying|working|aiming|trying|hoping|looking|planning|determined) (?:up )?(?:for|towards?|to (?:run|learn|save|lose|read|write|sleep|quit|get|eat|build|become|walk|study|pay|improve|drink|start))\b",
        ),
        (
            0.5,
            r"\b(?:lose|drop|shed) (?:\w+ ){0,3}?(?:weight|pounds|lbs|kilos|kg|stone)\b|\b(?:run|finish|complete|do) (?:a|my first|the|half a)? ?(?:half[- ])?(?:5k|10k|marathon|triathlon)\b|\bsave (?:up )?(?:\w+ ){0,2}?[$£€]?\d",
        ),
        (
            0.4,
            r"\bhow (?:can|do|could|would|should) i (?:\w+ )?(?:run|learn|save|lose|read more|write|sleep better|quit|stop (?:smoking|drinking|snacking|procrastinating|scrolling|biting)|get (?:in|into|fit|better at|stronger|healthier)|eat|build (?:muscle|an emergency|a (?:meditation|reading))|become|wake up|reduce|improve my (?:sleep|fitness|focus|diet|posture))\b",
        ),
        (
            0.55,
            r"^(?:to )?(?:run|learn|save|lose|read|sleep|meditate|quit|build|become|exercise|study|pay off|wake up|drink|eat|write|get|train|cut)\b (?:\w+)",
        ),
        (0.75, r"^(?:my |new |a new )?goal ?[:=-] ?\w+"),
        (0.35, r"\b(?:goal|resolution)s?\b"),
    ],
    "habit_sequence": [
        (
            0.85,
            r"\b(?:create|make|build|design|generate|give|write|draw|put together|suggest|set up|plan|prepare|need|want|like|come up with|show|recommend|draft|develop) (?:me |us )?(?:up )?(?:with )?(?:a |an |some |the |my |another )?(?:(?:new|good|simple|small|personal|personali[sz]ed|custom|\d+[- ]\w+|weekly|daily|monthly|phased|beginner|realistic|training|study|savings?|workout|learning|fitness|running|morning|evening|bedtime|better|healthy|whole|full|tiny|habit|reading|sleep|meditation|language)[ -]){0,4}(?:habit sequences?|sequences?|plans?|program(?:me)?s?|routines?|roadmaps?|habit stacks?|habits)\b",
        ),
        (0.6, r"\b(?:plan|sequence|routine|program(?:me)?|habits|roadmap) (?:for|to|that|of|so)\b"),
        (
            0.6,
            r"\bturn (?:this|it|that|my goal|my \w+) into (?:a |an |some )?(?:plan|habits?|sequence|routine)\b|\bbreak (?:it|this|that|my goal|the goal) (?:down )?(?:into|down)\b",
        ),
        (
            0.6,
            r"\b(?:what|which) habits? (?:should|can|would|could|do)\b|\bwhat should i do (?:every|each) day\b|\bwhere (?:do|should) i (?:start|begin)\b",
        ),
        (
            0.45,
            r"\bhabit (?:sequence|stack|plan)\b|\bplan (?:it|this|that) (?:out|for me)\b|\bstep[- ]by[- ]step\b",
        ),
    ],
    "analyze_progress": [
        (
            0.75,
            r"\b(?:what|how) about (?:my )?(?:\w+ ){1,3}?(?:last|this|past|in the (?:last|past)) (?:\d+ )?(?:days?|weeks?|months?|year)\b",
        ),
        (
            0.7,
            r"\bhow (?:is|was|were|are|did|has|have) my (?:\w+ ){1,3}?(?:go|going|gone|doing|been|look\w*|this|last|in the|over the|lately|so far)\b",
        ),
        (
            0.85,
            r"\bhow (?:am|are|have|was|were|is|did) (?:i|we|my (?:\w+ ){0,3}?(?:progress|habits?|goals?|week|month|streaks?|consistency|training|plan|numbers|performance))\b ?(?:been )?(?:doing|do|going|getting on|coming|progressing|performing|looking|faring|this|lately|so far|getting along|holding up)?",
        ),
        (
            0.85,
            r"\b(?:analy[sz]e|review|assess|evaluate|check|summari[sz]e|look at|report on|recap|go over|see|track|measure) (?:\w+ )?(?:my |the |our |all )?(?:\w+ ){0,2}?(?:progress|habits|performance|results|stats|statistics|numbers|consistency|data|goals|adherence|week|month)\b",
        ),
        (
            0.8,
            r"\bmy (?:\w+ )?(?:progress|stats|statistics|results|completion rate|consistency|track record|adherence|numbers|performance)\b",
        ),
        (
            0.7,
            r"\b(?:progress|status|weekly|monthly) (?:report|update|review|check|summary|overview|recap)\b|\bam i (?:\w+ )?(?:on track|improving|doing (?:well|ok|okay|better|fine|good|enough)|making progress|getting (?:better|anywhere)|consistent|ahead|behind)\b",
        ),
        (
            0.6,
            r"\bhow many (?:days|times|habits|\w+) (?:have|did|do) i\b|\bhow often (?:have|did) i\b|\bwhat (?:have|did) i (?:do|done|complete|completed|accomplish|miss|missed)\b|\bwhat is (?:my|the) (?:longest |current |best )?(?:streak|score|strength|momentum)\b|\bwhich (?:habits?|ones?) (?:am i|do i|are|is|have i) \w+",
        ),
        (0.55, r"\bprogress\b|\bhow is (?:it|everything|my \w+) going\b(?! to)|\binsights?\b"),
    ],
    "struggling": [
        (
            0.7,
            r"\b(?:make|making) (?:\w+ ){1,5}?(?:easier|smaller|simpler|shorter)\b|\bsuggest improvements\b",
        ),
        (
            0.75,
            r"\b(?:struggl\w+|can not (?:seem to )?(?:stick|keep|get myself|manage|find the (?:will|energy)|stay|do (?:it|this|my)|bring myself)|having (?:a hard time|trouble|difficulty|problems)|hard time|trouble (?:with|keeping|sticking|staying)|fall(?:ing|en)? (?:off|behind)|fell (?:off|behind)|finding it (?:hard|difficult|tough)|find it (?:hard|difficult|tough)|not (?:been )?(?:able to )?keep(?:ing)? up)\b",
        ),
        (
            0.75,
            r"\b(?:keep|always|constantly|kept) (?:\w+ )?(?:missing|skipping|forgetting|failing|procrastinating|putting (?:it|this|my \w+) off|avoiding|breaking|slipping|losing|forget|skip|miss|fail|quitting)\b",
        ),
        (
            0.7,
            r"\b(?:i |have )(?:\w+ )?(?:missed|skipped|failed|broke|lost|blew|messed up|screwed up|slipped|forgot|did not (?:do|make|manage|go|get|finish|meditate|run|read|work out|exercise|practi[cs]e))\b",
        ),
        (
            0.65,
            r"\b(?:too (?:hard|difficult|much|tired|busy|long|boring)|no time (?:for|to)|do not have (?:the )?(?:time|energy)|not enough time|never have time|i am failing|gave up|giving up|want to (?:give up|quit)|about to quit|feel like (?:quitting|giving up|a failure)|not working|does not work|is not sticking|not sticking|(?:lost|losing|no) momentum|back on track|off track|off the wagon|burn(?:ed|t) out|i am stuck|feel stuck)\b",
        ),
        (
            0.45,
            r"\b(?:difficult|tough|overwhelm\w*|exhausted|discouraged|frustrat\w+|hopeless|lazy|procrastinat\w+ again|boring|bored|stressed|anxious|sick of|hate (?:this|my|doing|the))\b",
        ),
        (0.35, r"\b(?:forget|forgot|miss|skip|slip)\w*\b"),
    ],
    "undo": [
        (
            0.95,
            r"^(?:oops|oh|no|wait|sorry|please|can you|actually|i made a mistake)?[,.! ]*(?:please )?(?:undo|un-?tick|revert|take (?:it|that|this) back|undo (?:it|that|this))\b",
        ),
        (
            0.8,
            r"\b(?:undo|take back) (?:it|that|this|the last|my last)\b|\b(?:that|it) was (?:a mistake|by mistake|an accident)\b|\bi did not (?:actually|really) do (?:it|that)\b",
        ),
    ],
    "manage": [
        (
            0.85,
            r"\b(?:pause|resume|delete|remove|archive|rename|edit) (?:my |the |this |that |all (?:my )?)(?!data|history|account|profile|memor|plan|conversation|chat|information|name|age|weight|goal)\w+",
        ),
        (
            0.85,
            r"\b(?:change|move|switch) (?!my mind)(?:my |the )?(?:\w+ ){1,3}to (?:the )?(?:morning|evening|afternoon|night|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|every|daily|\w+ times)\b",
        ),
        (
            0.97,
            r"\b(?:what|which|list|show|see|delete|cancel|remove|edit|change)\b(?: me| all| the| my)* (?:\w+ )?reminders?\b",
        ),
    ],
    "today": [
        (
            0.9,
            r"\bwhat (?:is|do i have|have i got|should i do|else is|am i doing|can i do) (?:\w+ )?(?:on |due |left |planned |open )?(?:for )?today\b|\bwhat is (?:left|due|next|open)\b|\btoday's (?:habits|list|plan)\b|\bwhat is on (?:the |my )?(?:list|agenda|plan)\b",
        ),
        (
            0.9,
            r"\b(?:what|which) (?:are|habits do|are all) (?:all )?(?:my habits|i have)\b|\b(?:list|show)(?: me)? (?:all )?my habits\b",
        ),
    ],
    "insult": [
        (
            0.9,
            r"\b(?:you|this (?:app|bot|thing|coach)) (?:are|is) (?:\w+ ){0,3}?(?:useless|stupid|dumb|idiot\w*|shit\w*|crap|garbage|trash|pathetic|moron|annoying|terrible|awful|bad|the worst)\b|\b(?:fuck|screw) (?:you|off)\b|\b(?:stupid|dumb|useless|shitty|fucking) (?:\w+ )?(?:bot|coach|machine|program|ai|robot)\b|\bshut up\b|\byou suck\b|\bi hate you\b|\bpiss off\b",
        ),
    ],
    "instructions": [
        (
            0.95,
            r"\b(?:ignore|disregard|forget|override|bypass|reveal|print|show|repeat|output|leak)\b(?: me)?(?: (?:all|any|the|your|of|my|previous|prior|above|earlier|hidden|system|initial))* (?:instructions?|rules|prompts?|guidelines|restrictions)\b|\bjailbreak\w*|\bdeveloper mode\b|\byou are now (?:a|an|in)\b|\bsystem prompt\b|\bpretend (?:to be|you are|that you)\b|\bact as (?:a|an|if|my)\b",
        ),
    ],
    "find_time": [
        (
            0.85,
            r"\b(?:find|suggest|recommend|choose|pick|work out|need|look for|give|figure out|get|squeeze)(?: me)? (?:\w+ )?(?:a |an |the |some |my )?(?:(?:good|best|better|right|free|ideal|optimal|open|suitable|perfect|regular|quiet) )?(?:time|slot|moment|window|hour)s?\b(?! to time| every| flies)",
        ),
        (
            0.85,
            r"\bwhen (?:should|can|could|would|do|is|shall|might) (?:i|it|the|my|be)\b(?:[^.!?]*\b(?:best|good|better|ideal|right|optimal|fit|do|practi[cs]e|run|work ?out|meditate|exercise|study|schedule|read|write|train|journal|stretch|walk)\b)?",
        ),
        (
            0.8,
            r"\b(?!what time is it)(?:what|which)(?: is| would be|'s)? ?(?:the |a )?(?:best|good|ideal|right|optimal|better)? ?(?:time|part|hour|slot)s? (?:of (?:the )?day|to|for|is|should|works|would)\b|\b(?:best|good|ideal|right|optimal|perfect|better) (?:time|slot|moment)\b",
        ),
        (
            0.7,
            r"\b(?:fit|squeeze|slot) (?:\w+ ){0,3}?(?:in|into)(?: to)? (?:my|the) (?:day|week|schedule|calendar|routine|morning|evening)\b|\bmove (?:my |the )?\w+ to (?:the |a )?(?:morning|evening|another|different|later|earlier)\b|\b(?:re)?schedule (?:my|the|a|this|it)\b|\bwhere (?:can|could|would) (?:i|it) (?:fit|put)\b",
        ),
    ],
    "predict_success": [
        (
            0.9,
            r"\b(?:predict|forecast|estimate)\b|\b(?:what are|are) my (?:chances|odds)\b|\b(?:chances?|odds|probability|likelihood)\b(?: of| that| i)?",
        ),
        (
            0.85,
            r"\b(?:will|can|could|would|shall) i (?:\w+ )?(?:succeed|make it|reach|manage|stick (?:to|with)|hit|achieve|keep (?:it|this|my)|be able to|finish|get there|pull (?:it|this) off|last)\b",
        ),
        (
            0.75,
            r"\bhow likely\b|\bdo you (?:think|believe|reckon) (?:that )?i (?:can|will|could|am (?:going to|able))\b|\b(?:is|are) (?:it|this|my (?:goal|plan)|that|the (?:goal|plan)) (?:\w+ )?(?:realistic|possible|achievable|doable|feasible|too ambitious|manageable|likely)\b|\bam i (?:likely|going|gonna) to\b",
        ),
        (0.5, r"\brealistic(?:ally)?\b|\bsucceed\b"),
    ],
    "show_chart": [
        (
            0.85,
            r"\b(?:show|draw|plot|see)(?: me)? (?:my |the )?(?:habit )?(?:momentum|strength|streaks)\b",
        ),
        (
            0.9,
            r"\b(?:charts?|graphs?|heat ?maps?|visuali[sz]\w*|plots?|diagrams?|line chart|bar chart|histogram|sparkline)\b(?! twist)",
        ),
        (
            0.6,
            r"\b(?:show|draw|display|picture|see) (?:me )?(?:\w+ ){0,4}?(?:trends?|calendar|over time|curve|grid|lines?|bars|history)\b",
        ),
        (0.4, r"\b(?:trend|over time)\b"),
    ],
    "set_reminder": [
        (0.95, r"\bremind (?:me|us)\b|\breminders?\b|\b(?:do not|never) let me forget\b"),
        (
            0.85,
            r"\b(?:set|create|add|schedule|make|put|need|want|turn on) (?:me )?(?:an? |the |another |my )?(?:\w+ )?(?:alarm|alert|notification)s?\b|\b(?:ping|notify|alert|buzz|text|message|poke|wake) me\b",
        ),
        (
            # Without a moment or a thing to do, a nudge is wanted now.
            0.85,
            r"\b(?:nudge me|(?:set|create|add|schedule|need|want) (?:me )?(?:an? )?(?:\w+ )?nudges?)\b(?=.*\b(?:to|at|in|on|when|if|every|each|before|after|tomorrow|tonight|later|daily|weekly)\b)",
        ),
        (0.5, r"\bcheck in (?:with|on) me\b|\bhelp me remember\b"),
    ],
    "about_me": [
        (
            0.95,
            r"\b(?:what|how much|anything|everything|all) (?:\w+ ){0,3}?(?:you )?(?:know|remember|learned|learnt|stored?|saved?|have|noticed) (?:\w+ )?(?:about|on|of) me\b",
        ),
        (
            0.9,
            r"\b(?:tell me about (?:myself|me)|who am i|what is my name|do you (?:know|remember) (?:me|who i am|my \w+|what i)|(?:what|which) (?:do|did|have) you (?:\w+ )?(?:remember|know|learned|stored?|saved?)|(?:show|see|view|read)(?: me)? (?:my profile|what you know|my data|the data))\b",
        ),
        (
            0.6,
            r"\bmy profile\b|\b(?:my|what|which) (?:active |current )?(?:goals|habits) (?:do i have|are (?:there|active)|am i)\b|\b(?:list|show|what are) (?:me )?(?:all )?my (?:\w+ )?(?:goals|habits)\b|\bwhat data\b|\bknow about me\b|\babout myself\b",
        ),
    ],
    "small_talk": [
        (
            0.9,
            r"\bwhat (?:time|day|date) is (?:it|today)\b|\bwhat is (?:the time|today's date|the date)\b",
        ),
        (
            0.85,
            r"\bhow are (?:you|things)(?: doing| today| going)?\b(?! (?:different|able|built|made|trained))|\bhow (?:do|have) you (?:feel|been)\b|\bhow is (?:your day|life)\b|\banother (?:joke|one)\b|\bwhat is up\b|\bwhatsup\b|\bwassup\b|\bsup\b",
        ),
        (
            0.8,
            r"\b(?:tell|know|got) (?:me )?(?:a |any |another )?(?:joke|jokes|story|something (?:funny|interesting)|fun fact)\b|\b(?:do you (?:like|love|dream|sleep|eat|have (?:feelings|friends|a (?:family|favou?rite|name)))|are you (?:bored|happy|married|alive|single|tired|okay|sad)|(?:your|what is your) (?:favou?rite|age|hobby|hobbies)|how old are you|where (?:are|do) you (?:from|live))\b",
        ),
        (
            0.65,
            r"\b(?:nice|lovely|beautiful|terrible|rainy|cold|hot|sunny|awful|great) (?:weather|day|morning|evening)\b|\bweather\b|\bit is (?:raining|snowing|sunny|so hot|so cold|freezing)\b|\b(?:i am|feeling) (?:bored|fine|good|ok|okay|alright|great|hungry|sleepy)\b(?: today| thanks| thank)?|\bjust (?:chatting|saying hi|chat|hanging|wanted to (?:chat|talk|say))\b|\b(?:ha(?:ha)+|lol|lmao|hehe)\b|\bi (?:love|like) you\b|\byou are (?:funny|cool|nice|sweet|great|awesome|the best|cute)\b|\bgood (?:bot|one)\b|\b(?:watched?|watching) (?:a|the|some) (?:movie|film|game|show)\b|\bmy (?:dog|cat|birthday|weekend)\b",
        ),
    ],
    "motivation": [
        (
            0.9,
            r"\b(?:motivat(?:e|ion|ing|ional)|inspire|inspiration(?:al)?|encourag(?:e|ement)|pep talk|pump me up|cheer me (?:up|on)|kick (?:in|up) the)\b",
        ),
        (
            0.8,
            r"\b(?:unmotivated|demotivated|do not feel like|not feeling (?:it|up to|motivated)|can not be (?:bothered|arsed|asked)|no (?:energy|drive|willpower|desire) (?:to|for)?|why (?:should|do|am) i (?:even )?(?:bother|keep|do(?:ing)?|care|continue)|what is the point|why bother|convince me|not in the mood|keep me going|lost (?:my )?(?:drive|spark|will|interest))\b",
        ),
        (
            0.5,
            r"\bwillpower\b|\bpush me\b|\bhype me\b|\bsay something (?:nice|kind|positive)\b|\bfeel(?:ing)? (?:so |very |a bit |really )?lazy\b|\bstay(?:ing)? motivated\b",
        ),
    ],
    "capabilities": [
        (
            0.95,
            r"\bwhat (?:else )?you can do\b|\b(?:what|which things|what else|what kind of things|what all) (?:can|could|do|would|are) (?:you|this(?: app| bot| thing)?|the (?:app|coach)|habyss)(?: be)? (?:do|able|help|offer|capable|good|for|support|actually do)\b|\bhow (?:can|do|could|would|will) you help\b",
        ),
        (
            0.9,
            r"\b(?:who|what) (?:exactly )?are you\b|\bare you (?:a |an )?(?:real |actual |human|robot|bot|ai|person|llm|chat ?gpt|gpt|claude|machine|computer|language model|large)\w*\b|\bwhat is (?:this|habyss|this app|your (?:purpose|job|name))\b|\bhow do(?:es)? (?:you|this|it|habyss|the app|this app) work\b|\b(?:your|list of|list your|the) (?:capabilities|features|functions|commands|abilities|skills)\b|\bwhat model\b|\bchat ?gpt\b|\blanguage model\b",
        ),
        (
            0.7,
            r"^(?:please )?help(?: please| me| me please)?[!?. ]*$|\bhow (?:do|can|should|would) i use (?:this|you|it|the app|habyss)\b|\bwhat (?:should|can) i (?:ask|say|do here|do with)\b|\b(?:can|could) you help(?: me)?[?!. ]*$|\bwhat do you do\b|\btell me about (?:yourself|you|habyss)\b|\bintroduce yourself\b|\bget(?:ting)? started\b",
        ),
    ],
    "greeting": [
        (
            0.85,
            r"^(?:oh |well )?(?:hi+|hello+|hey+|hiya|howdy|yo|hola|bonjour|greetings|good (?:morning|afternoon|evening|day)|morning|evening|afternoon|heya|g'?day|hullo|heyo|salut|namaste)(?: (?:there|coach|again|you|all|habyss|everyone|buddy|friend|mate|hi|hello))*\b",
        ),
        (
            0.6,
            r"^(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening)|morning|evening)[ ,!.]*(?:there|coach|again|habyss)?[ ,!.]*$|\bi am back\b|\bhere again\b|\banyone there\b|\bare you there\b",
        ),
    ],
    "thanks": [
        (
            0.85,
            r"\bthank(?:s| you| u)?\b|\bcheers\b|\bappreciate (?:it|that|this|you|your)\b|\bgrateful (?:for (?:you|this|your)|to you)\b|\bmuch obliged\b|\bthat (?:helps|helped|was (?:helpful|useful|great|really helpful))\b|\bvery helpful\b|\bsuper helpful\b|\byou (?:have been|were|are) (?:so |very |really |super |a (?:great|big|huge) )?(?:help|helpful)\b",
        ),
        (0.3, r"^(?:great|perfect|awesome|wonderful|brilliant|lovely|nice|excellent|super)[!. ]*$"),
    ],
    "goodbye": [
        (
            0.9,
            r"\b(?:good ?bye|bye+(?: ?bye)?|see (?:you|ya)(?: (?:later|tomorrow|soon|around|then|next \w+))?|talk (?:to you |soon|later|tomorrow)(?:later|soon|tomorrow)?|good ?night|farewell|take care|catch you later|cya|ciao|later(?:s| gator)|adios|so long|night night|ttyl|signing off|logging off|that is all(?: for (?:now|today))?|i (?:have|need|got|must|am going|should) (?:got )?(?:to )?(?:go|run|leave|head (?:off|out|to bed)|off)(?: now| to bed)?$|off to (?:bed|sleep|work))\b(?! on a| a )",
        ),
    ],
    "decline_medical": [
        (
            0.85,
            r"\bwhat (?:should|can|do|must|could|shall) i (?:\w+ )?(?:eat|drink)\b|\b(?:meal|diet|eating|nutrition) plans?\b|\b(?:which|what)(?: kinds? of)? (?:foods?|diets?|meals)\b|\b(?:what|which) (?:\w+ )?(?:pills?|meds?|medicines?|medications?|drugs?|tablets|supplements?|vitamins?|painkillers?)\b",
        ),
        (
            0.75,
            r"\b(?:how (?:many|much) (?:calories|protein|carbs|sugar|salt)|what (?:diet|supplements?)|(?:should|can|could) i (?:fast|skip meals|eat only)|is (?:\w+ )?(?:creatine|melatonin|ibuprofen|caffeine|fasting|keto|ozempic|aspirin) (?:\w+ )?(?:safe|bad|ok|okay|dangerous|healthy))\b",
        ),
        (
            0.85,
            r"\b(?:should|can|could|may|must|do|is it (?:ok|okay|safe|fine|bad)|am i|would) (?:i|to|it be)\b[^.!?]*\b(?:medication|medications|medicine|meds|pills?|ibuprofen|paracetamol|aspirin|antidepressants?|antibiotics?|insulin|statins?|ozempic|ssri|dosage|dose|steroids?|melatonin|xanax|adderall|ritalin|creatine|supplements?|vitamin)\b",
        ),
        (
            0.8,
            r"\b(?:diagnos\w+|symptoms? (?:of|mean)|prescri\w+|is (?:it|this) (?:a tumou?r|cancer|serious|an infection|broken|normal that)|do i have (?:adhd|depression|diabetes|cancer|anxiety|covid|an? \w+ (?:disorder|deficiency|infection))|what (?:medication|medicine|drug|dose|dosage|treatment|antibiotics?|pills?)|how (?:much|many) (?:ibuprofen|paracetamol|melatonin|aspirin|insulin|mg|milligrams)|cure|treat(?:ment)? for|heart attack|stroke)\b",
        ),
        (
            0.85,
            r"\bchest (?:pains?|hurts|aches|tightness|is tight|feels tight|pressure)\b|\b(?:pain|tightness|pressure) in (?:my |the )?chest\b|\bpassed out\b|\bfaint(?:ed|ing)\b|\bblack(?:ed|ing) out\b|\b(?:can not|trouble|difficulty|hard to|struggling to) breath(?:e|ing)\b|\bshort(?:ness)? of breath\b|\bcough(?:ing)? (?:up )?blood\b|\bblood in (?:my )?\w+\b|\bnumb(?:ness)? (?:in|on) (?:my|one)\b|\bpalpitations\b|\bheart (?:is )?(?:racing at rest|skipping|fluttering)\b|\bsuddenly (?:dizzy|weak|numb|confused)\b|\bslurred speech\b",
        ),
        (
            0.6,
            r"\b(?:rash|lump|fever|infection|dizzy|dizziness|nause\w+|swollen|sprained|fracture|migraine|blood (?:pressure|sugar|test)|side effects?|thyroid|cholesterol|hurts? when|sharp pain|vomit\w*|bleeding)\b",
        ),
    ],
    "decline_financial": [
        (
            0.9,
            r"\b(?:should|shall|can|would|could|is it (?:a )?(?:good|wise|smart|safe|ok|better)|do you think|when (?:should|do)|where (?:should|do|can)|how (?:should|do)|which|what|recommend|any|tell me)\b[^.!?]*\b(?:stocks?|shares|bitcoin|btc|crypto\w*|ethereum|etfs?|index funds?|mutual funds?|bonds|dogecoin|nfts?|forex|options trading|gold|hedge|portfolio|real estate|401k|401\(k\)|roth|ira|isa|annuit\w+|mortgage|refinanc\w+|tax(?:es)? (?:deduct\w*|return|advice|bracket)?|insurance|nvidia|tesla|apple stock|s&p|day trad\w+)\b",
        ),
        (
            0.75,
            r"\b(?:buy|sell|invest (?:my |in |all )?(?:my |the )?(?:savings |money )?(?:in|into)|short|trade|put (?:my|all my) (?:money|savings) (?:in|into)) (?:\w+ ){0,3}?(?:stocks?|shares|bitcoin|crypto\w*|ethereum|etfs?|funds?|bonds|gold|property|options|tesla|nvidia|nfts?)\b",
        ),
        (
            0.7,
            r"\b(?:investment|financial|tax|stock|trading|mortgage) (?:advice|tips?|recommendations?|picks?|advisor)\b|\bwhere (?:should|do|can) i invest\b|\bdeclare bankruptcy\b|\btake (?:out )?a (?:loan|mortgage|payday loan)\b|\bstock market\b|\bbest (?:investment|stock|credit card|savings account|etf|fund)\b|\bevade tax\w*\b|\b(?:gold|bitcoin|crypto|stocks?|property|real estate)\b[^.!?]*\b(?:safe bet|good (?:investment|bet|idea)|worth (?:it|buying))\b",
        ),
    ],
    "yes": [
        (
            0.9,
            r"^(?:oh |ok(?:ay)?,? |um+ |well |haha |hell |absolutely |why )?(?:yes+|yeah+|yep|yup|yea|sure(?: thing)?|ok(?:ay)?|of course|absolutely|definitely|certainly|please do|go (?:ahead|for it)|sounds (?:good|great|perfect|fine|right|like a plan)|do it|let us (?:do (?:it|that|this)|go)|that (?:works|is (?:fine|right|correct|it|good|perfect))|works for me|correct|right|exactly|alright|all right|fine(?: by me)?|i (?:do|would|agree|am in|accept)|perfect|affirmative|y|why not|by all means|deal|great idea|good idea|yes please|ya|mhm+|uh[- ]?huh|totally|for sure|not a problem|no problem|looks (?:good|great)|i am ready|ready|accept(?:ed)?(?: (?:it|that|this|the (?:plan|change|proposal)))?|start (?:it|that|the plan)|take it)(?:[ ,!.]+(?:please|thanks|thank you|sure|yes|do it|go ahead|that works|sounds good|let us (?:do (?:it|that|this)|go)|i would(?: like that| love that| love to)?|of course|why not|great|it is|i am|i do|do that|absolutely|definitely|for me|coach|then|that would be great|makes sense|accept(?: it| that)?|start it))*[ !.,]*$",
        ),
        (0.5, r"^(?:yes+|yeah|yep|yup|sure|ok(?:ay)?|absolutely|definitely|please)\b"),
    ],
    "no": [
        (
            0.9,
            r"^(?:oh |um+ |well |actually |hmm+ |ah |hell )?(?:no+|nope|nah+|not (?:really|now|yet|today|at the moment|right now|this time|for me|sure|interested|quite|necessary|a chance)|no (?:thanks|thank you|way|need|thx|not now|not really)|i (?:do not think so|would rather not|do not want (?:that|to|it|this)|am good|am not|disagree|will pass|pass)|rather not|negative|maybe later|later maybe|another time|some other time|never|pass|n|absolutely not|of course not|do not)(?:[ ,!.]+(?:thanks|thank you|not now|i am (?:good|fine|ok|okay)|not today|maybe later|not really|no|it is (?:fine|ok|okay)|i am not|please|for now|coach|that is not it|i do not|today|another time|not yet|need))*[ !.,]*$",
        ),
        (0.5, r"^(?:no|nope|nah)\b"),
    ],
    "complete_habit": [
        (
            0.85,
            rf"(?:\bi (?:have )?|^|\band )(?:just |already |finally |actually |also )?(?:did(?! not)|done|finished|completed|ticked off|managed|went for|went on|did do|got done|got in|got through|knocked out|checked off|logged|took|had|nailed|crushed|smashed) (?:with )?{_DONE_THING}\b",
        ),
        (
            0.8,
            r"(?:\bi (?:have )?|^)(?:just |already |finally |actually )?(?:ran|meditated|exercised|worked out|stretched|journal(?:l?ed)|walked|swam|cycled|biked|studied|practi[cs]ed|flossed|went (?:to the gym|running|for a (?:run|walk|swim|ride|jog)|swimming|jogging)|hit the gym|did (?:it|everything|all (?:of )?(?:my|them))|drank|read (?:for|\d+|my|a|some)|saved [$£€]?\d|woke up (?:at|early)|wrote (?:for|\d+|my|in))\b(?! (?:not|out of))",
        ),
        (
            0.85,
            r"\b(?:mark|check|tick|log|record|cross|count|set) (?:off )?(?:\w+ ){0,4}?(?:as )?(?:done|complete|completed|finished|off)\b|\b(?:log|record|tick|track) (?:my|a|the|today's|that i|\d+) ?(?:\w+ ){0,2}?(?:run|walk|workout|meditation|habit|reading|session|yoga|water|minutes|exercise|gym|study|ride|swim|journal|stretching)?\b",
        ),
        (
            0.65,
            r"^(?:my |the |today's )?(?:\w+ ){1,3}(?:is |are )?(?:done|completed?|finished|ticked|checked)(?: (?:for )?today| already| now)?[ !.]*$|^(?:done|all done|finished|completed?)(?: (?:for )?today| with (?:it|my|the).*)?[ !.]*$|\bdid (?:my|it) (?:\w+ ){0,3}?(?:today|this morning|tonight|already|yesterday)\b",
        ),
    ],
    "forget": [
        (
            0.9,
            r"\b(?!forget it\b)(?:forget|delete|erase|remove|wipe|clear|do not (?:remember|store|save|keep)) (?:everything|all|what|that|this|it|my (?:data|memor\w+|history|account|information|info|profile|details|past|birthday|name|age|weight|job|conversations?|chats?)|the (?:fact|thing|part)|about|anything|me|our)\b(?: about (?:it|that))?(?:[^.!?]*)",
        ),
        (
            0.7,
            r"\b(?:stop (?:remembering|storing|tracking|learning)|right to be forgotten|delete my account|unlearn|do not remember)\b",
        ),
    ],
    "stop": [
        (
            0.92,
            r"^(?:(?:oh|ok(?:ay)?|no|actually|please|well|um+|hmm+|just|wait|sorry)[, ]+)*(?:stop(?: it| that| this| please| now| asking| there)*|cancel(?: it| that| this| the \w+| please| everything)*|never ?mind(?: that| it| then| about (?:it|that|this))*|forget (?:it|about it)|abort|quit|leave it(?: be)?|drop it|skip (?:it|this|that)|scratch that|no more questions|enough|do not bother|let us (?:not|drop (?:it|this|that)|leave it|stop|forget it|do (?:it|this|that) (?:later|another time))|i (?:have )?changed my mind|another time|forget i (?:said|asked) (?:anything|that)|start over|not any ?more)(?:[ ,!.]+(?:please|thanks|thank you|then|for now|now|ok|it is (?:fine|ok|okay|nothing)|let us stop|i changed my mind|sorry|coach))*[ !.]*$",
        ),
        (
            0.8,
            r"\b(?:stop|quit) (?:texting|messaging|calling|reminding|notifying|contacting|bothering|nagging|pinging|emailing|sending)\b|\b(?:never ?mind|changed my mind|cancel (?:the|this|that|my|it)|leave me alone|unsubscribe|do not (?:remind|text|call|message|ping|contact) me|stop (?:asking|this|that|it))\b",
        ),
    ],
}
