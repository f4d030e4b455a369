"""A second register of questions: the same facts, asked in the words people type when nobody gave them a form.

The templates in ``facts`` sound alike, and a reader trained on them alone takes unfamiliar words for an unknown
answer. These wordings are chatty, situational, terse or indirect, and each of them still asks for exactly one
attribute's value: nothing has to be computed or guessed.

* A price question says "yearly" in some form when it means the yearly price, and never when it means the other.
* A wording with ``{s}`` names the subject, which may be "Larkdesk Team" as well as "the Team plan of Larkdesk".
* Wordings for a plan always name it. Those for a company's terms do not always, and those for its rules never do,
  because their pages do not name the company either.

The tables hold one wording a line. They are split by position like those in ``facts``: every fifth is held out.
"""

from __future__ import annotations

from random import Random

from tools.bundled_model import facts

OPENER, CLOSER = 0.3, 0.12  # share of questions with a sentence before them, or a few words after them
SHORT = 50  # characters; a longer wording says itself who asks and why, and takes no sentence before it
SAYS_MONTHLY = 0.5  # share of questions for the plain price that say how it is paid, at the least
BY_OPENER = 0.2  # share of yearly price questions in which only the sentence before them says how it is paid
MASS_NOUNS = frozenset({"stock"})  # "how many stock" is not a question: no wordings for a count of these


def _table(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.strip().splitlines())


# Silent about billing: the plain price is meant. After a sentence about yearly payment: the yearly one.
_PRICE = _table("""
what's the damage for {s}
What would {s} set us back?
How deep do we have to dig into our pockets for {s}?
So what are we looking at, money-wise, with {s}?
Money question: {s}, how much?
A ballpark won't do, I need the actual number for {s}.
{s} – what's the hit on our card?
Boss wants {s}, finance wants a figure. What is it?
My director just asked "and what does {s} run to?" and I had no answer. Well?
how many bucks for {s}
What do you take for {s} these days?
sticker price on {s} pls
What does it say on the price tag of {s}?
What figure do I put into my spreadsheet for {s}?
If we signed up for {s} this afternoon, what would you charge us?
What leaves our bank account if we go with {s}?
What would show up on the bill if I took {s}?
Say I click "buy" on {s}. What am I charged?
There are thirty of us, but just name your price for {s}, the maths is mine.
I only want to know what you charge for {s}, nothing else.
Is {s} going to ruin us? What does it actually cost?
Can a two-person shop afford {s}? What's the number?
cheap or not cheap: {s}, what is it
Someone told me {s} got dearer. What is it now?
We were told a price for {s} on the phone and nobody wrote it down. What is it really?
A friend pays for {s} and won't say how much. How much is it?
I have to get {s} past procurement. What figure do they need to see?
quote for {s}??
{s} rate card?
pricing {s} pls
cost {s}??
{s} how much
how much r u asking for {s}
What's the price point of {s}?
Before I fall in love with {s}: what will I be paying?
Fwd: "can you find out what they want for {s}?" – can you tell me?
Treasurer here. Which amount do I write down for {s}?
I'm the one who signs the cheques. What do you want for {s}?
Our bookkeeper is staring at me: how much money is {s}?
Does {s} fit a small purse? What do you ask for it?
What kind of money are we talking about for {s}?
How much cash does {s} eat?
What do I have to shell out for {s}?
what do we have to cough up for {s}
Let's say it's {s} for us – at what price?
Suppose we settle on {s}. What do you invoice?
ok, {s} it is. what do we owe you?
We'd be moving to {s}. What would you bill us?
They quoted me something odd for {s}. What's the official price?
The price I noted for {s} looks wrong. What's the right one?
Is {s} free? If not, what do you charge?
Surely {s} isn't free, so what is it?
nobody here knows what we'd be charged for {s}, do you?
What would I be in for with {s}?
I've got {s} in my basket – what will it cost me?
What outlay should we expect for {s}?
Which sum goes on the purchase request for {s}?
In plain numbers: {s} costs what?
{s}: price tag?
{s} – price? need it for a slide
need price of {s} asap
Whatever {s} costs, I have to write it down. So what does it cost?
The founder in me asks: what burn does {s} add?
What line item should I expect from you for {s}?
For the budget meeting: what do I say {s} costs?
I can't see a price next to {s}. What is it?
What do you charge for one login on {s}?
What would you charge for having us on {s}?
How much to be on {s}?
Give it to me straight: what's {s} going to cost?
What is the tariff for {s}?
Headmistress wants a number for {s}. Which one?
What's the asking price of {s}?
Do you have a figure for {s} that I can pass on? I mean the price.
My co-founder bets {s} costs a fortune. What does it really cost?
""")
_MONTHLY = _table("""
what's the monthly damage with {s}
What does {s} set us back every month?
How much goes off our card each month for {s}?
Month by month, what are we paying for {s}?
I'd pay as I go, one month at a time. What's {s} then?
We can't commit for long, so monthly it is. What would {s} be?
{s}, monthly, how much
{s} price/month?
{s} per mth?
What's the rolling monthly rate of {s}?
What do you invoice monthly for {s}?
If we just take {s} one month and see, what do we pay?
No strings, month after month: {s} costs what?
Cash flow is tight, we pay every month. What's the figure for {s}?
I have to enter a monthly amount for {s}. Which one?
What would our monthly bill for {s} say?
What's {s} if I want to be able to walk away after any month?
Every first of the month – what do you take for {s}?
Which amount recurs each month with {s}?
For {s}, what comes out of the account per month?
What monthly hit does {s} mean?
we're month-to-month people. price of {s}?
Paying {s} by the month, what do you want for it?
How much is {s} if we keep it on a monthly rhythm?
I budget by the month. What do I put down for {s}?
With no commitment beyond this month, what does {s} run to?
A month of {s}: how much?
My accountant asks what {s} costs when it is billed every month.
What's the going monthly charge with {s}?
How much would you bill us on monthly terms for {s}?
""")
_YEARLY = _table("""
what's the damage for {s} if we pay a year upfront
What would {s} set us back with a yearly bill?
If we pay twelve months in one go, what is {s}?
One invoice a year is all our office can handle. What does {s} cost that way?
Say we hand over the whole year in January. What's the rate for {s}?
{s}, annual, how much
{s} annual price pls
{s} yearly?? how much
{s} price if paid p.a., i.e. yearly
annual rate card {s}
What do you charge for {s} when somebody commits for the full year?
Our council only approves annual contracts. What's the figure for {s}?
Finance would rather settle {s} once a year. What are we looking at?
Boss says go annual with {s}. What's the hit?
Suppose I prepay the year. What do I pay for {s}?
We'd lock in {s} for a year – at what price?
I hear there's another price for {s} when you pay annually. What is it?
Is {s} different if we pay by the year? What is it then?
I'm fine with a twelve-month commitment. What does {s} come to then?
Which price applies to {s} with a year paid in advance?
What's {s} going for if we sign for a year?
What do annual customers pay for {s}?
Only one payment per year, please. So what's {s}?
Twelve months upfront for {s} – how much?
What does the yearly option of {s} cost?
We were told a yearly price for {s} and lost the note. What is it really?
Grant money has to be spent in one lump for the year. What do you ask for {s}?
School offices pay once per school year. What's {s} on that basis?
If the card is charged only once a year, what do you take for {s}?
what do we have to cough up for {s} on the annual deal
For the annual budget: which price does {s} have when billed for the year?
My accountant hates recurring invoices, we'd pay yearly. How much is {s}?
Could you quote {s} on an annual basis?
quote {s} – annual billing
I need the paid-annually figure for {s}.
Nobody could tell me what {s} costs once you switch it to yearly payment. Can you?
Someone toggled your price page to "yearly". What does it show for {s}?
Click "annual" on the price list – what number stands beside {s}?
What would you invoice for {s} if it's one invoice a year?
Paying the year ahead, what does {s} run to?
How much is {s} for people who pay the year in full?
What's the rate of {s} with the year settled in advance?
If I tie myself to you for a year, what is {s}?
We renew everything for a year at a time. What's {s} when bought like that?
Let's assume an annual subscription to {s}. What's the price tag?
I can get a year approved, not a month. What does {s} cost then?
Does paying annually change what {s} costs? What's the annual number?
What's on the annual price tag of {s}?
Treasurer here: we pay all software yearly. Which amount do I note for {s}?
price of {s} with a one-year term?
A one-year term for {s}: what do you want for it?
And if we took {s} for the year instead? What would it be?
What would I be charged for {s} when I choose to be billed per annum, so yearly?
Per annum billing, {s}, what rate?
Once-a-year payment on {s}: what's the figure?
Our bank transfer happens once every year. What should it be for {s}?
Committing to {s} for twelve months – what's your price?
Yearly is easier for our auditors. What does {s} cost in that case?
Our contract would run a full year and be paid at the start. What's {s} then?
They said going yearly is wiser. What do you charge for {s} if we do?
What's the yearly tariff for {s}?
I'd rather get one bill at the start of the year. What's {s} in that mode?
We have leftover budget and could pay {s} for the year right now. How much?
What do I write on the purchase request for {s}, annual payment?
Give me the annual-contract number for {s}.
If we don't want to think about it again for a year: {s} costs?
{s} on a 12 months upfront deal, what price
What does it cost to have {s} with a single yearly payment?
Bill us annually, please – but first: what's {s}?
Founder here, happy to commit for the year. What's {s} going for?
My manager ticked "billed yearly" on the form for {s}. What price goes with that?
What's the annual hit with {s}?
Which figure is the yearly one for {s}?
Not the rolling price, the one with a year's commitment: what is it for {s}?
How much do you want for {s} when it's paid for the year in one sum?
""")
_YEARLY_OPENERS = (
    "We'd settle the whole year in one payment. ", "Our council only signs annual contracts. ", "One bill a year, that's our rule. ",
    "We would commit for twelve months. ", "Assume we pay annually. ", "The club pays everything once a year. ", "Yearly billing for us please. ",
    "Finance wants it paid a year in advance. ", "We'd pay the full year upfront. ", "Annual payment is decided already. ",
)  # fmt: skip

_COUNT = _table("""
How many {n} until {s} tells me to stop?
At what point does {s} say "no more {n}"?
What's our allowance of {n} with {s}?
ceiling on {n} with {s}?
How much headroom for {n} does {s} give us?
cap on {n}, {s}
{n} cap {s}?
{s} max {n}??
{s}, {n} – how many can we have
We run through {n} like water. Where does {s} draw the line?
We have loads of {n}. How many will {s} swallow?
Is there a point where {s} won't take any more {n}? Which number?
What happens if we end up with a lot of {n} – where's the ceiling with {s}?
Boss asks how many {n} we can get away with on {s}.
Would I have to count my {n} on {s}? Up to what number am I safe?
How generous is {s} when it comes to {n}?
We were told {s} had "plenty" of {n}. What's the actual number?
Someone said {n} are unlimited on {s}, is that so or what's the number?
I'm planning for next quarter: how many {n} can I count on with {s}?
When do {n} run out on {s}?
what's the quota of {n} on {s}
How many {n} are in the box with {s}?
What do I get in terms of {n} if I take {s}?
With {s} in place, how many {n} could the team have?
Fwd from the boss: "how many {n} do they give us on {s}?"
How many {n} would we be stuck with on {s}?
Where's the limit for {n} if we stay on {s}?
We're on {s} and growing. How many {n} can we go up to?
I don't want to hit a wall with {n}. Where is that wall on {s}?
number of {n} {s}
{n} included {s} how many
{n} quota for {s} pls
Can I have as many {n} as I like on {s}, or what is the maximum?
Is {s} roomy enough? I mean, how many {n} does it hold?
Our admin needs the upper bound for {n} on {s}.
Teacher here, small project: how many {n} would {s} let me have?
How many {n} is too many for {s}?
{s} allows {n}, fine, but how many?
What's the biggest number of {n} you'd tolerate on {s}?
I keep getting a warning about {n} on {s}. What's the allowed number?
It won't let me add anything. How many {n} is {s} supposed to have?
Before we migrate: how many {n} may come along to {s}?
How far will {s} stretch for {n}?
Our old tool gave us hardly any {n}. What about {s}, how many?
What count of {n} do I promise the team if we choose {s}?
How many {n} does the money for {s} buy?
Give me the {n} figure for {s}, please.
Which number of {n} is written into {s}?
I signed for {s} – how many {n} am I entitled to?
What are we entitled to with {s}, {n}-wise?
Not roughly, exactly: how many {n} on {s}?
Would {s} do for us? It hangs on how many {n} there are.
So on {s} you can have {n} up to… what?
At which number does {s} block further {n}?
{n}: what's the upper limit under {s}?
Tell my boss how many {n} {s} has to offer.
How many {n} could we run side by side on {s}?
Do you ration {n} on {s}? To how many?
Is there some restriction on {n} with {s}? What number?
For {s}, what ceiling have you put on {n}?
What's the max no. of {n} for someone on {s}
How many {n} do I have to play with on {s}?
I was promised enough {n} on {s}. How many is that?
Could you check how many {n} come packed with {s}?
The contract for {s} mentions {n}. How many are granted?
""")

# For any measure: a size, a time, a fee, a percentage, even a port.
_MEASURE = _table("""
What have you set the {n} to on {s}?
{n} {s}??
{s} {n} pls
{s} – {n} – value?
need {n} for {s} asap
What are we looking at for the {n} on {s}?
So the {n} with {s} is… what?
Boss wants to know about the {n} on {s}. What do I tell her?
I have to fill in "{n}" for {s} on a form. What goes there?
What's written down as the {n} for {s}?
The {n}, on {s}: what would it be for us?
If we go with {s}, what {n} do we end up with?
Nobody here can tell me the {n} for {s}. Can you?
What {n} would I have to live with on {s}?
Suppose we move to {s}. What happens to the {n}, what is it then?
Is the {n} on {s} anything to worry about? What is it?
We were told something about the {n} on {s}. What is it really?
I read two different things about the {n} of {s}. Which one holds?
Fwd: "please find out the {n} they have on {s}".
Admin here, configuring {s}. What's the {n}?
Security audit question: {n} on {s}?
Our auditor has a box for the {n} of {s}. What do I write?
What do customers on {s} get as {n}?
How does {s} do on the {n} front?
What does {s} give us in the way of {n}?
what's the deal with the {n} on {s}
Where can I expect the {n} to be with {s}?
How do things stand with the {n} under {s}?
Which {n} should I plan with if it's {s}?
Planning ahead: which {n} goes with {s}?
Does the {n} on {s} suit us? Just give me the value.
Which value does {s} use for the {n}?
The {n} is the deciding point for us. What is it on {s}?
I can't find the {n} anywhere for {s}.
What's the figure for {n} under {s}?
Which figure should I quote for the {n} when a client asks about {s}?
Sign-up page for {s} says nothing on the {n}. What is it?
A colleague swears the {n} on {s} changed. What is it now?
I've just bought {s}. What {n} did I get?
What {n} am I signing up for with {s}?
If somebody on {s} asked you for the {n}, what would you say?
{s}, and its {n}??
the {n} for {s}, one value, please
in one line: {n}, {s}
What's the official {n} on {s}?
Remind me, what was the {n} with {s} again?
I forgot the {n} for {s}. What was it?
With {s}, what do you do about the {n}? What's it set to?
And the {n}? On {s}, I mean.
We're with {s}, and the {n} came up in a meeting. What is it?
Our developer asks what {n} to assume for {s}.
What {n} should our developer assume with {s}?
How would you put the {n} of {s} in one number?
Tell me honestly what the {n} on {s} is.
Could someone confirm the {n} on {s}?
I'm on {s} and something about the {n} looks off. What should it be?
What {n} is normal on {s}?
What's the {n} supposed to be on {s}?
Under {s}, which {n} are we held to?
What does the fine print of {s} say for the {n}?
I'm drawing up a comparison sheet. Row "{n}", column {s}: what goes in?
What would the {n} be, were we to pick {s}?
Looking for one number: the {n} on {s}.
There's somebody with {s} in front of me asking for the {n}.
Whoever runs {s}, what {n} do you apply?
Do I need to know the {n} before taking {s}? What is it?
Let's talk {n}. What does {s} have?
How about the {n} with {s}?
Got {s} here, need its {n}.
Any idea what the {n} is with {s}?
""")
_MEASURE_KINDS = {
    "time": _table("""
How long is the {n} on {s}?
We need time. How long does {s} give us for the {n}?
{n} on {s}: minutes, hours, days? How long?
How much time are we talking about for the {n} on {s}?
What length does the {n} have with {s}?
Is the {n} on {s} short or long? How long exactly?
How long a {n} should I reckon with on {s}?
In terms of time, what's the {n} under {s}?
how long {n} {s}
If I'm on {s}, how long does the {n} last?
"""),
    "limit": _table("""
Where does the {n} kick in on {s}?
How far can we push it before the {n} on {s} bites?
What's the most we can do before we hit the {n} on {s}?
We might run into the {n} on {s}. Where is it?
How tight is the {n} with {s}? What is it?
How much headroom does the {n} on {s} leave us?
When does the {n} stop us on {s}?
It says we've reached the {n} on {s}. What is it?
How generous is the {n} on {s}?
At which point would we bump into the {n} under {s}?
"""),
    "fee": _table("""
What does the {n} come to on {s}?
How much money is the {n} with {s}?
What's the damage for the {n} on {s}?
Would I be charged the {n} on {s}, and how much is it?
How much do I lose to the {n} on {s}?
What will the {n} set us back on {s}?
Somebody mentioned the {n} on {s}. How much do you take?
Accountant here: what amount is the {n} for {s}?
{n} {s}, how much money
How big a hit is the {n} on {s}?
"""),
    "discount": _table("""
How much do we save with the {n} on {s}?
How many percent does the {n} on {s} take off?
By how much does the {n} bring things down on {s}?
What's knocked off thanks to the {n} on {s}?
How good is the {n} with {s}? Percentage please.
Is the {n} on {s} worth it? How much is it?
What percentage should I enter for the {n} on {s}?
Boss heard there's a {n} on {s}. How large?
{n} {s} percent?
How sweet is the {n} under {s}?
"""),
    "port": _table("""
Which {n} do I open in the firewall for {s}?
Firewall people ask: which {n} does {s} use?
What number is the {n} on {s}?
Our network blocks everything. Which {n} does {s} need?
On what {n} does {s} listen?
"""),
}  # fmt: skip
_TIMES = ("retention", "timeout", "interval", "period", "delay", "expiry", "response time")

# [the]: an article for a function ("the receipt scanner"), none for a capability ("single sign-on", "a sandbox").
_FEATURE = _table("""
does {s} do [the] {n}
Would we have to live without [the] {n} on {s}?
Is {s} enough if we care about [the] {n}?
If I go for {s}, do I still miss out on [the] {n}?
{s} {n} y/n
{n} w/ {s}?
{s} – {n} – yes or no?
Can we count on [the] {n} with {s}?
We can't work without [the] {n}. Will {s} do?
No {n}, no deal. So, {s}: yes or no?
Boss insists on [the] {n}. Is {s} fine, then?
IT won't approve anything that lacks [the] {n}. Does {s} pass?
We were told {s} has [the] {n}, is that so?
A colleague says {s} lacks [the] {n}. True?
I was promised [the] {n} on {s}. Was that right?
Do you throw in [the] {n} with {s}?
Does {s} stretch to [the] {n}?
Would I have to pay for something bigger than {s} to get [the] {n}?
Do I need to go higher than {s} for [the] {n}?
Is it true that people on {s} don't get [the] {n}?
I'm on {s} and can't see [the] {n}. Am I supposed to have it?
Should [the] {n} show up for us on {s}?
What about [the] {n} with {s}? Do we get that?
{n}? on {s}? possible?
Will {s} let the team use [the] {n}?
Can my people work with [the] {n} if we stay on {s}?
Does what we pay for {s} cover [the] {n}?
Will I be able to use [the] {n} once I'm on {s}?
Will [the] {n} come in the box with {s}?
Fwd from my boss: "check whether {s} does [the] {n}".
Teacher here – would {s} give my class [the] {n}?
As an admin on {s}, do I have [the] {n}?
Founder question: {s}, with or without [the] {n}?
Do I lose [the] {n} if I move to {s}?
If we drop down to {s}, do we keep [the] {n}?
Tick or cross for {n} on {s}?
On the comparison sheet, row "{n}", column {s}: tick or cross?
any chance of [the] {n} on {s}
Have users of {s} been given [the] {n}?
Are we allowed [the] {n} on {s}?
{s} can't do [the] {n}, can it?
{s} does have [the] {n}, doesn't it?
Have I got it right that {s} comes without [the] {n}?
Surely {s} has [the] {n}?
Not sure {s} covers [the] {n}. Does it?
Does {s} support [the] {n}?
do you support [the] {n} on {s}
Looking for something with [the] {n}. Would {s} fit?
Our auditor asks if we have [the] {n}. We use {s}. What do I say?
What happens if I need [the] {n} and only have {s} – do I have it?
Is {s} the wrong choice for somebody who wants [the] {n}?
I'd take {s} today if it had [the] {n}. Does it?
Did you leave [the] {n} out of {s}?
Can I tell my client that {s} has [the] {n}?
{s} + {n} = possible?
Without paying for anything beyond {s}, can I use [the] {n}?
For those of us on {s}: can we get at [the] {n}?
Will you switch on [the] {n} for a customer with {s}?
Have you put [the] {n} into {s}?
Where do you stand on [the] {n} in {s}: in or out?
In or out: {n} on {s}?
Must I do without [the] {n} if I only have {s}?
Do you let people on {s} have [the] {n}?
We're thirty people on {s}. Do we have [the] {n}?
Before I click "buy" on {s}: will [the] {n} come with it?
""")

_PLACE = _table("""
can't see the {n} anywhere in {s}
I've clicked through everything in {s}. Where would the {n} be?
Where did the {n} go in {s}?
{s} {n} where??
Somebody must have moved the {n} in {s}. Where did it end up?
I'm lost in {s}. I need the {n}.
Which way to the {n} in {s}?
New here: how does one get to the {n} in {s}?
My boss wants me to look at the {n} in {s}. Where do I click?
Colleague on the phone can't find the {n} in {s}. What do I tell him to open?
Walk me to the {n} in {s}, please.
Where does {s} hide the {n}?
Through which menus do I reach the {n} in {s}?
menu for {n} in {s}?
{s} menu path {n}
I had the {n} open in {s} yesterday. How do I get back there?
Trying to locate the {n} in {s}.
Where would an admin look for the {n} in {s}?
As a teacher I only need the {n} in {s}. Where do I go?
I'm sitting in front of {s} – what do I open to see the {n}?
Is there a menu item for the {n} in {s}? Which one?
In what corner of {s} will I see the {n}?
Where in {s} am I supposed to go for the {n}?
They told me to use the {n} in {s}, but not where to find it.
What leads me to the {n} in {s}?
Point me to the {n} in {s}.
""")
_FROM = _table("""
how big a plan do I need in {s} for [the] {n}
What do I have to be on in {s} to have [the] {n}?
Which {s} tier unlocks [the] {n}?
{s} {n} which plan
{n} – minimum plan in {s}?
I want [the] {n} and nothing fancier. Which plan of {s} will do?
What's the lowest I can go in {s} and still keep [the] {n}?
How high up do I have to go in {s} to get [the] {n}?
We only care about [the] {n}. What plan would {s} make us take?
My {s} account doesn't show [the] {n}. Which plan am I missing?
Boss wants [the] {n}. Which plan in {s} do I order for her?
At what tier does {s} throw in [the] {n}?
Cheapest tier of {s} that does [the] {n}?
Who on {s} is allowed [the] {n} – from which plan up?
Would I have to upgrade for [the] {n} in {s}? To what?
From where on do {s} customers have [the] {n}?
IT insists on [the] {n}. Which plan of {s} starts having it?
I keep being told to upgrade for [the] {n} in {s}. To which plan?
What's the entry level for [the] {n} with {s}?
Is the smallest plan of {s} enough for [the] {n}, or which one do we need?
We were told every plan of {s} has [the] {n}. Which one does it really start with?
Reading the price list of {s}: at which plan will I first see [the] {n}?
tier needed for {n} ({s})
What subscription does {s} ask for before I may use [the] {n}?
Which is the first {s} plan that gives me [the] {n}?
""")
_HOWTO = _table("""
I have to {n} in {s} and have no idea where.
trying to {n} in {s}, stuck
Where do I even go to {n} in {s}?
{s} – {n} – where?
how 2 {n} in {s}
{s} help: {n}
Boss asked me to {n} in {s}. Where do I click?
First day with {s}: I should {n}. Where's that?
I must be blind, but where does {s} let me {n}?
Someone has to {n} in {s} and it's me. What do I open?
What's the trick to {n} in {s}?
Can a mere mortal {n} in {s}? Where?
If I wanted to {n} in {s}, what would I open?
Which screen do I need in {s} to {n}?
My colleague used to {n} in {s}, now he's gone. How did he do it?
Walk me through it: I want to {n} in {s}.
Where's the button in {s} to {n}?
The old version let me {n} right away. Where is it in {s} now?
I'd like to {n}, but {s} doesn't make it obvious. Where is it?
In {s}, which menus take me to where I can {n}?
Teacher here, not technical: how would I {n} in {s}?
We need to {n} by tonight. Where in {s}?
Admin question: what do I open in {s} to {n}?
Before I leave today I have to {n}. Which menu in {s}?
How would you go about it in {s} if you had to {n}?
Been searching for ages. I simply want to {n} in {s}.
Where does one {n}? I'm in {s}.
Any way to {n} in {s}? Which menu?
I am in {s} and want to {n} – next click?
path to {n}, {s}
""")

_FIXED = {
    "trial": _table("""
How long can I kick the tyres of {s} before you want money?
How long until you start charging me for {s}?
When does the free ride on {s} end?
can we play with {s} first? how long
{s} trial days?
trial {s} length
Is there a try-before-you-buy for {s}? How long?
My team wants to test-drive {s}. How much time do we get?
How long is {s} on the house?
If I sign up for {s} today without a card, how long before I must decide?
We'd like a look at {s} before paying. For how long is that possible?
How long may we poke around in {s} for nothing?
Boss asks how long we can try out {s} at no cost.
What happens at the end, sure – but how long is the free taste of {s}?
How much time to evaluate {s} for free?
I need a couple of weeks with {s} before I decide. How long do you give me?
We were told {s} is free at first. For how long, really?
Would I have to pay for {s} straight away, or how long is it free?
How long do newcomers get {s} free of charge?
Evaluation period {s}?
""") + _table("""
For how long can I use {s} without entering my card?
How long do I have until {s} stops being free?
Pilot with {s}: how long does it run free?
Is the test phase of {s} long? How long?
I started testing {s}. When will it cut me off?
"""),
    "support": _table("""
If something breaks on {s}, how long till somebody gets back to me?
How long are we left hanging when we write to you on {s}?
I wrote to you, I'm on {s}. How long before a human answers?
response time {s}?
{s} support how quick
How quick off the mark is your help desk for {s}?
Our site is down and we have {s}. When will we hear from you?
How patient do I have to be with {s} when I ask for help?
Say it's on fire and we're on {s}: how fast do you react?
When we raise a ticket with {s}, how long is the wait?
Within what time do you get back to people on {s}?
Boss wants to know how quickly you answer if we take {s}.
What's the longest I'd wait for a first reply on {s}?
We were told you reply at once on {s}. What is it really?
How long would my ticket sit there on {s}?
Admin here: what reply time can I promise my users on {s}?
How soon will somebody look at my problem on {s}?
turnaround for a support ticket on {s}
I hate waiting. With {s}, how long till you answer?
How long before your people pick up my ticket on {s}?
How swiftly do you come back to customers with {s}?
I emailed support from {s} this morning. By when should I have a reply?
time to first reply, {s}?
What does {s} promise for getting an answer from your people?
Does {s} get me a fast answer? How fast?
"""),
    "uptime": _table("""
How often will {s} be down, or rather, what share of the time is it up?
What do you promise about {s} staying up?
Can we rely on {s} being there? What percentage do you commit to?
{s} SLA %?
how many nines does {s} have
Our CTO asks how many nines there are on {s}.
What availability figure do you put your name to with {s}?
If we bet the business on {s}, what uptime do you stand for?
Procurement has a box for the service level of {s}. What percentage goes in?
How dependable is {s}, in percent?
What percentage of the time can we expect {s} to work?
Is {s} ever offline? What does your guarantee say?
uptime promise {s}
We can't afford outages. What do you guarantee for {s}?
What does the contract for {s} say about being available?
We were told {s} never goes down. What's the committed figure?
Boss wants the availability number for {s}.
For {s}, how much uptime do you sign for?
What service level comes with {s}, in percent?
How much downtime must I accept with {s} – I mean, what's the guaranteed uptime?
Which uptime figure may I quote to clients about {s}?
What level of availability are we paying for with {s}?
Do you commit to keeping {s} running? To what percentage?
Auditor asks for the availability target of {s}.
If {s} falls over, what uptime did you promise me?
"""),
    "storage": _table("""
How much stuff can we dump into {s}?
We have tons of scans. How much will {s} hold?
How much disk do I get with {s}?
{s} GB?
space {s}??
When will {s} be full?
How roomy is {s}?
How much can I pile up on {s} before it's full?
Our photo archive is huge. What does {s} have room for?
It says we're nearly full on {s}. How much do we have in all?
How many gigs does {s} give me?
gigs on {s}
What's the storage allowance with {s}?
How much data fits into {s}?
Would I have to delete old files on {s}? How much space is there?
Boss asks if {s} can take all our files. How much space comes with it?
Where's the ceiling for stored data on {s}?
We were told storage is endless on {s}. What is it really?
How big is the drive that comes with {s}?
Total space for files under {s}?
How much headroom for our documents does {s} give us?
I'm moving our shared drive to {s}. How much will it take?
What capacity does {s} have for files?
disk quota for {s} pls
As an archivist I need room. How much of it does {s} offer?
"""),
    "file": _table("""
My upload keeps failing on {s}. How big may a file be?
How fat can a single file be on {s}?
We've got a giant video. What's the largest thing {s} will take in one piece?
{s} max upload?
attachment max {s}
When does {s} refuse a file for being too big?
What's the biggest single file I can throw at {s}?
Would I have to split my files for {s}? Above what size?
Designer here with heavy files. What size per file does {s} accept?
Up to what size does {s} swallow a file?
"File too large" – well, how large is allowed on {s}?
How heavy can one attachment be on {s}?
size cap per file on {s}
What's the ceiling for one upload with {s}?
Boss wants to send a monster PDF through {s}. How big may it be?
We were told any file goes on {s}. What's the actual size limit?
Largest single upload under {s}?
How big is too big for one file on {s}?
I shrink every file before uploading to {s}. What size do I need to stay under?
What file size do you stop at on {s}?
What can I upload at most in one file with {s}?
per-file limit for {s}?
A client sends huge attachments. What does {s} let through?
How large an attachment will {s} put up with?
If I drag a really big file into {s}, what's the most it takes?
"""),
    "api": _table("""
Our script gets blocked on {s}. How many calls are we allowed?
How hard can we hammer the API on {s}?
When do you start throttling us on {s}?
{s} throttle?
api quota for {s} pls
How often may our integration hit you on {s}?
We poll a lot. What does {s} let us send?
429s all day on {s}. What's the allowed rate?
Developer here: how many requests may I fire on {s}?
At what pace can our bot talk to the API with {s}?
How chatty may our integration be on {s}?
What's the ceiling for API traffic on {s}?
Would I have to slow my script down for {s}? To what rate?
How much API headroom comes with {s}?
Which throttle is set for programs on {s}?
We were told the API is unlimited on {s}. What's the real rate?
Boss asks how many API calls {s} buys us.
What call volume does {s} put up with?
How fast may our code go against the API on {s}?
calls allowed via API, {s}?
I'm sizing a sync job for {s}. What request rate do I plan with?
What's the most API traffic we may cause on {s}?
Is the API throttled on {s}? At what rate?
rate limiting on {s} – numbers?
How many times can a program knock on your door with {s}?
"""),
    "retention": _table("""
How long before our old stuff vanishes from {s}?
How far back can I scroll on {s}?
If I need something from long ago, how far back does {s} go?
{s} data kept how long
history {s} how far back
When does old data get wiped on {s}?
What happens to old records on {s} – when are they gone?
Would I have to save things elsewhere? How long does {s} hang on to them?
Auditor here: for what period does {s} hold our data?
How long do you hang on to our data with {s}?
Our lawyer asks how long things stay in {s}.
How long is the memory of {s}?
I deleted nothing, yet old entries disappear on {s}. After how long does that happen?
How old may an entry get on {s} before you purge it?
We were told {s} keeps everything forever. How long is it really?
purge after? ({s})
Up to how long ago can I look things up on {s}?
For how long will our records be safe on {s}?
When do you clear out old data on {s}?
Boss needs old figures. How far back will {s} let us look?
How long can I still get at past data on {s}?
How long until things drop out of the history on {s}?
keep-time for data on {s}?
On {s}, after what time does history fall off the end?
How much of our past does {s} remember?
"""),
    "seats": _table("""
There are only three of us. How many must we be for {s}?
Are we too small for {s}? What's the smallest team you accept?
I'm on my own. What's the least number of users for {s}?
{s} minimum users?
min licences {s}
How many licences do I have to buy at the very least for {s}?
What's the smallest order you'd take for {s}?
Would I have to pay for empty seats on {s}? From how many is it sold?
How few logins can we get away with on {s}?
Tiny team here. From what headcount can we have {s}?
What's the floor for seats on {s}?
Boss wants {s} for just a handful of people. What's the minimum?
How many heads do we need before you'll sell us {s}?
Do you make small teams buy a minimum of seats for {s}? How many?
Is there a smallest team size for {s}? Which?
We were told {s} can't be had for one person. How many at least?
Least number of people for {s}?
How many must we sign up at minimum to get {s}?
What team size does {s} start from?
lowest number of seats i can order with {s}
Can a couple of friends take {s}, or what's the minimum number?
To qualify for {s}, how many users must there be at least?
I'd like as few seats as possible on {s}. How few will you sell?
What's the entry size for {s} in users?
At least how many seats come with an order of {s}?
"""),
    "refund": _table("""
What if we hate it – how long do we have to get our money back from {s}?
How long is the money-back window?
I paid {s} by mistake. Until when can I get it back?
changed my mind, how long can i still get my money back
{s} money back within?
Buyer's remorse: how long do I have?
We bought it and nobody uses it. How long can we still claim our money from {s}?
Is it too late for me to get my money back? How long do you allow?
How fast do I have to be if I want my money back from {s}?
How long after the charge will you still pay us back?
If it doesn't work out, within what time does {s} return the payment?
For how long is a purchase reversible with {s}?
money-back period {s}
grace period for getting refunded?
Boss wants to know how long {s} gives money back.
We were told we can always get our money back. Until when, really?
When does the door close on refunds at {s}?
What's the time frame for claiming a payment back?
I want out and want my cash back. How long after paying does {s} go along with that?
Up to how long after payment would {s} reimburse us?
Accountant here: within what period can a payment to {s} be reversed?
How long can I sit on a purchase before {s} won't refund it?
How long does {s} let you regret it?
Reimbursement: how long after paying is it possible?
If we're unhappy, how much time do we have to ask {s} for the payment back?
"""),
    "notice": _table("""
We want out. How long beforehand do we have to say so?
How far ahead does {s} need to hear that we're leaving?
If we quit, how much warning does {s} want?
{s} how early to give notice
notice needed to quit {s}?
When's the latest I can tell {s} we won't go on?
We're thinking of leaving {s}. How much heads-up is needed?
How much of a heads-up do you want before we stop?
Can I walk away from {s} tomorrow, or how long beforehand must I say it?
What lead time does {s} want for a termination?
Termination: how long in advance?
How soon do I have to hand in our notice at {s}?
If I cancel now, how long am I still tied to {s}?
Boss wants to end the contract with {s}. What notice do we have to keep to?
We were told we can stop any time. What notice does {s} really want?
How long ahead of time do we have to pull the plug with {s}?
I'd like to end it. How long before should I write to {s}?
What period do we have to observe when we terminate with {s}?
Say we switch to somebody else: how far in advance do we tell {s}?
How long in advance must a cancellation reach {s}?
lead time for cancelling?
By how much do we have to give {s} a warning that we're off?
Would I have to announce that I'm leaving {s}? How long before?
How much advance warning for ending the subscription?
What does {s} ask for in terms of notice when somebody quits?
"""),
    "terms": _table("""
Our bookkeeper pays once in a blue moon. How long does {s} give us?
How long can a bill from {s} lie on my desk?
I just got a bill from {s}. How much time do I have to settle it?
net how many days?
{s} invoice due when
How long until a bill from {s} must be paid?
How long may we take to settle up with {s}?
Accounts payable here: what due period do I enter for {s}?
What's the time limit for settling an invoice?
Is it okay to pay {s} later? How long is allowed?
When do you expect your money after the bill goes out?
How quick do we have to be in paying {s}?
If the bill comes today, how long have I got?
due period {s} bills
How much breathing room do we have on a bill from {s}?
We were told there's no hurry with the invoice. How long do we have, really?
Boss asks how long we can hold back payment to {s}.
Within what time must our transfer reach {s}?
Payment window for bills from {s}?
What credit period does {s} allow on invoices?
How long do you wait for your money once we get the invoice?
Invoice arrived. When's it due, as a rule?
How many days' grace on an ordinary invoice from {s}?
Treasurer here: how soon must an invoice of {s} be settled?
After the invoice date, how long does {s} let us take?
"""),
    "education": _table("""
I run a primary school. How much cheaper is it for us at {s}?
We're a university – what do you knock off?
Do teachers get a break at {s}? How much?
{s} edu discount?
discount school {s} %
What's the {n} worth at {s}?
How much off would my college get from {s}?
Headmaster asks what {s} takes off for schools.
As a teacher, what can I expect off the price?
Is there an academic rate at {s}? How many percent off?
We teach kids and have no money. How much do you come down?
How big is the break for educational places at {s}?
Classroom use: what percentage does {s} drop?
student project at a university, how much off?
By how much does {s} reduce things for a school?
Would a school have to pay full price at {s}? If not, how much off?
We were told schools get something off at {s}. How much is it really?
academic discount?
How kind is {s} to schools, in percent?
What reduction do educators see with {s}?
How many percent does {s} knock off for a school?
For a kindergarten or a school: what discount?
What percentage is the {n} with {s}?
We're a faculty. What do we save with {s}?
I'm filling in "{n}" for {s}. What goes there?
"""),
    "region": _table("""
Where on earth is our data sitting?
Our lawyer wants to know where {s} keeps things. Which city?
Does our data leave the country? Where does {s} have it?
{s} servers where
hosting city {s}?
Where do the machines of {s} stand?
In which town would our files end up with {s}?
Privacy officer here: where is what we enter into {s} physically held?
Where does everything we type into {s} end up?
Which city do you host in?
Geographically, where is {s} hosting us?
If I asked to see the server room of {s}, where would I travel?
Boss asks in what place {s} parks our data.
We were told the data is nearby. Where is it really?
What's the physical location of the data at {s}?
data residency {s}?
For our records of processing: where does {s} hold data?
At which site does {s} store customer data?
Where would a subpoena have to go – in which city is the data of {s}?
What place do I name when people ask where {s} keeps their data?
In which city are you holding our stuff?
Where's the data centre?
Which location does {s} have for its data?
Whereabouts is our information kept by {s}?
Customers want to know where {s} has their details. Which city?
"""),
    "hours": _table("""
I'm a night owl. When can I get hold of somebody at {s}?
Is anyone there right now? From when to when are you in?
When do your people clock in and out at {s}?
{s} support open when
hrs of support?
At what times will someone pick up at {s}?
When's the help desk of {s} manned?
Our early shift starts before dawn. When does {s} begin and stop answering?
If I ring {s} in the evening, will somebody be there? What are the times?
What's the time window for reaching {s}?
From what time till what time can we get help?
When do you close for the day?
Boss wants to call {s}. Between what times can she?
We were told somebody is always there. What are the real times at {s}?
Which times of the day does {s} cover?
When are real people available at {s}?
When is it pointless to call {s} – what are your times?
office times {s}?
Between which times may I bother your support?
When does the phone get answered at {s}?
How early and how late can we reach {s}?
Different time zone here. When are you at your desks?
I never catch anyone at {s}. When is it staffed, from when to when?
What's a good time to reach {s}? I mean, when are you open?
During what part of the day is help available from {s}?
"""),
    "late": _table("""
Oops, we missed the due date. What will {s} charge us for that?
What's the penalty if we're slow to pay?
If our transfer comes too late, what does {s} add?
{s} penalty overdue
late charge {s}?
How much extra if the invoice is overdue?
What does it cost us when we forget to pay {s}?
I paid you after the deadline. How much more do I owe?
What do you slap on overdue bills at {s}?
Our bank was slow. What's the damage for being overdue with {s}?
What penalty does {s} take for an overdue invoice?
Accountant here: which amount do I book when {s} charges us for being late?
Would I have to pay extra for being late with {s}? How much?
Boss sat on the invoice for weeks. What's the penalty at {s}?
We were told nothing happens if we're late. What do you really charge?
How much is the fine for tardy payers at {s}?
There's an extra item on my bill because I paid late. How much is it, normally?
overdue invoice, what extra?
What happens in money terms if we miss the payment date with {s}?
How dear is forgetting a bill from {s}?
How much does {s} punish a missed due date?
By what amount does the bill grow when we pay {s} too late?
dunning charge {s}?
What's the surcharge for not paying {s} in time?
If money reaches {s} after the due date, what's added?
"""),
    "discount": _table("""
We're a tiny charity. What do you knock off?
We feed stray cats for free. How much cheaper is {s} for a nonprofit like us?
How much of a break does {s} give good causes?
{s} charity discount?
npo reduction {s} %
Do registered charities get something off at {s}? How much?
What's the {n} worth at {s}?
Our food bank lives on donations. What would {s} take off?
As a volunteer-run club, what reduction can we expect?
How many percent does {s} come down for a nonprofit?
Is there a better deal for charities at {s}? What percentage?
Treasurer of a charity here: what percentage do I deduct with {s}?
By how much is it reduced for organisations that make no profit?
How generous is {s} towards charities, in percent?
Would a charity have to pay the full price at {s}? If not, how much off?
We were told NGOs pay less at {s}. How much less, really?
NGO rebate?
What do you give back to nonprofits, in percent?
The church wants {s}. How much does a nonprofit save?
What percentage is the {n} with {s}?
We don't make a profit. What does that get us at {s}?
How much would our foundation get off as a nonprofit?
I'm filling in "{n}" for {s}. What goes there?
What's taken off for charitable customers of {s}?
Good cause, small purse: what nonprofit reduction does {s} have?
"""),
}  # fmt: skip

# A company's rules. <…> is what a rule is about; a wording may use {n} instead, "time until a refund is paid out".
_RULES = {
    "deadline": _table("""
How long will it take you to get the <thing> <done>?
I'm still waiting to have my <thing> <done>. How long does that take?
When can I expect to have the <thing> <done>?
<thing> – <done> by when
how long till <thing> <done>
What's the longest it can take to have the <thing> <done>?
We sent it in last week. How long until you've <done> the <thing>?
My boss keeps asking when we'll see the <thing> <done>. How long do you take?
How patient must I be before you've <done> the <thing>?
In the worst case, how long until the <thing> will be <done>?
What turnaround do you have for getting the <thing> <done>?
Would I have to wait long to see the <thing> <done>? How long?
{n}: how much should I reckon with?
{n}?
We need the <thing> <done> soon. How long do you allow yourselves?
What time frame applies to having the <thing> <done>?
They said it would be quick. How long does getting the <thing> <done> really take?
How much time do you give yourselves to have the <thing> <done>?
I'd like to plan: {n}, what is it?
By what time at the latest would you have the <thing> <done>?
"""),
    "kept": _table("""
How long do <thing> hang around before you bin them?
What happens to <thing> in the end – how long do they stay?
We need our <thing> from way back. How long do you hold on to them?
<thing> – gone after how long
retention <thing>??
Privacy officer here: how long do you sit on <thing>?
After how long will <thing> be gone for good?
How long are <thing> safe from deletion?
Do you keep <thing> for ever? If not, how long?
When do you throw <thing> away?
Is it too late to ask for old <thing>? How long do you have them?
For what period can you still dig out <thing>?
Our auditor asks how long <thing> remain with you.
How long would I still find <thing> with you?
My lawyer wants <thing> erased. When does that happen anyway?
How long a shelf life do <thing> have with you?
When can I be sure that <thing> no longer exist?
We were told <thing> vanish quickly. After how long, really?
{n} – how long?
How long before <thing> get purged?
"""),
    "fee": _table("""
What's the damage for <a thing>?
Will <a thing> set us back anything? How much?
Do you take money for <a thing>? What amount?
<thing> cost??
charge for <a thing>
Is <a thing> free, or what do you want for it?
I need <a thing>. What will you put on my bill?
If I ask for <a thing>, what do I owe you?
Accountant here: there's a line for <a thing> on our bill. How much should it be?
How much extra does <a thing> mean for us?
We were told <a thing> is free of charge. What do you really take?
What would I have to shell out for <a thing>?
Boss asks what <a thing> comes to.
What do you slap on the bill for <a thing>?
{n}: what amount?
{n} – what sum?
Would I have to pay something for <a thing>? What sum?
How dear is <a thing>?
Which amount do I set aside for <a thing>?
Just the number, please: {n}.
"""),
    "discount": _table("""
Is there a break for <thing>? How much?
What do you knock off for <thing>?
How much cheaper does it get for <thing>?
<thing> discount %?
rebate for <thing>
How many percent do you come down for <thing>?
Do you do anything for <thing>, price-wise? How much?
What's the special deal for <thing>, in percent?
What reduction do you have in store for <thing>?
By how much do you lower the bill for <thing>?
We were told there's something off for <thing>. How much is it really?
Would full price apply to <thing>? If not, how much off?
{n}: how many percent?
{n} – size?
How kind are you to <thing>, in percent?
What percentage should I deduct for <thing>?
Boss heard there's a better price for <thing>. What's taken off?
How big is the price cut for <thing>?
What saving is there for <thing>?
What slice of the price do you drop for <thing>?
"""),
    "role": _table("""
Who do I have to bother if I need to <thing>?
I'm not allowed to <thing>, it says. Who is?
Somebody has to <thing>, but who's permitted?
<thing> – who can
who's in charge if i want to <thing>
Whose permission do I need to <thing>?
Do I have the power to <thing>, or who has?
The button is greyed out when I try to <thing>. Who could do it?
Boss says I should <thing>. Can anyone do that, or only somebody in particular?
Which person do I turn to so as to <thing>?
Who's entitled to <thing>?
Who holds the right to <thing> in our team?
In whose hands is it to <thing>?
It won't let me <thing>. Whom do I have to ask?
Can just anybody <thing>? Who can?
We'd like to <thing> – who has to do it for us?
Who gets to <thing>?
I was told I can't <thing> myself. Then who can?
Is it up to me to <thing>? If not, up to whom?
Remind me {n}.
"""),
    "often": _table("""
How regularly will <thing> run?
Every how many hours or days will <thing> get refreshed?
<thing> updated how often
How fresh can I expect <thing> to be – how often is it renewed?
If I miss <thing> today, after what time does it come round again?
What's the cycle of <thing>?
How long until <thing> will be run once more?
At what pace do you renew <thing>?
rhythm of <thing>??
Nothing new in <thing> since yesterday. How often do you update it?
Do you run <thing> daily, or how often?
How frequently do you run <thing>?
Boss asks how often we get a new run of <thing>.
After how long will <thing> come up for renewal?
What interval have you set for <thing>?
"""),
    "open": _table("""
When can I get at <thing>?
From what time till what time may we use <thing>?
<thing> open when
Early shift here. When will <thing> start and stop?
It says closed. What are the times for <thing>?
Can I use <thing> at night, or what are the times?
hours <thing>??
Between what times will <thing> be usable?
How early and how late can I use <thing>?
I never catch <thing> open. From when to when can I try?
In what part of the day can we open <thing>?
When do you switch <thing> on and off?
Boss wants to use <thing> after dinner. What are the times?
At which times of the day can people get into <thing>?
What's the time window for <thing>?
"""),
}  # fmt: skip

_OPENERS = (
    "Busy week here. ", "Accountant here. ", "Hi, founder of a small studio. ", "My boss forwarded me this one. ", "I'm the admin, so they all ask me. ", "Not a tech person, sorry. ",
    "We run a vet practice. ", "In a meeting right now. ", "Two of us, one dog, one office. ", "Asking for my sister's bakery. ", "ok so. ", "Right, last thing. ", "I've been through your whole site. ",
    "Your chat bot sent me here. ", "I do the books for a plumber. ", "We outgrew our spreadsheet. ", "Quick one for you. ", "Typing this from the train. ", "I take over from a colleague who left. ", "Nobody in the office knows. ",
    "We're comparing three tools. ", "Office manager speaking. ", "Procurement sent me a long form. ", "I teach evening classes. ", "My client wants an answer by noon. ",
)  # fmt: skip
_CLOSERS = (
    " Short answer is fine.", " No rush.", " Can't find it anywhere.", " It's for a slide.", " They want it in writing.", " My colleagues couldn't say.", " Just so I know.", " Sorry if that's obvious.", " One line will do.", " I have to report back today.",
)  # fmt: skip
_TAGS = (
    " – anyone?", " (it's for a slide)", " thx a lot", ", if you know", " – in one line pls", " – can't find it", " (asking for a client)", ", sorry if obvious", " – need it today", " (short answer ok)",
)  # fmt: skip


def wordings(attribute: facts.Attribute) -> tuple[str, ...]:
    """All wordings for an attribute, without what may stand before or after them; the split goes by position."""
    key, _, about = attribute.key.partition(":")
    if key == "price":
        return _PRICE + _MONTHLY
    if key == "yearly":
        return _YEARLY
    if key == "count":
        return () if about in MASS_NOUNS else _COUNT
    if key == "measure":
        return _MEASURE + _MEASURE_KINDS[_measured(about)]
    if key in ("feature", "from"):
        article = "" if about in facts.FEATURES else "the "
        return tuple(w.replace("[the] ", article) for w in (_FEATURE if key == "feature" else _FROM))
    if key in ("place", "howto"):
        return _PLACE if key == "place" else _HOWTO
    if attribute.scope == "company" and about:
        return _rule(attribute, key, about)
    return _FIXED.get(attribute.key, ())


def _measured(noun: str) -> str:
    """What kind of value a measure has, by the end of its noun."""
    if noun.endswith(_TIMES):
        return "time"
    return next((kind for kind in ("fee", "discount", "port") if noun.endswith(f" {kind}")), "limit")


def _rule(attribute: facts.Attribute, key: str, about: str) -> tuple[str, ...]:
    """The wordings for a rule, with what it is about filled in."""
    if key == "rhythm":  # an interval or opening hours; only the recipe's own questions tell which
        key = "often" if "how often" in attribute.asks[0].lower() else "open"
    thing, _, done = about.partition(":")
    parts = {"<thing>": thing, "<done>": done, "<a thing>": attribute.nouns[0].removeprefix("fee for ")}
    filled = []
    for wording in _RULES.get(key, ()):
        for mark, text in parts.items():
            wording = wording.replace(mark, text)
        filled.append(wording)
    return tuple(filled)


def ask(rng: Random, attribute: facts.Attribute, held_out: bool, named: bool = False) -> str | None:
    """A question template of one split, or None where there is no wording; ``named``: one that has ``{s}``."""
    opener = ""
    cores = wordings(attribute)
    if attribute.key == "price" and rng.random() < SAYS_MONTHLY:
        cores = _MONTHLY
    if attribute.key == "yearly" and rng.random() < BY_OPENER:
        cores, opener = _PRICE, rng.choice(facts._split(_YEARLY_OPENERS, held_out))
    choice = [w for w in facts._split(cores, held_out) if not named or "{s}" in w]
    if not choice:
        return None
    core = rng.choice(choice)
    if not opener and len(core) < SHORT and rng.random() < OPENER:
        opener = rng.choice(facts._split(_OPENERS, held_out))
    if rng.random() < CLOSER:
        core += rng.choice(facts._split(_CLOSERS if core[-1] in ".?" else _TAGS, held_out))
    return opener + (core[0].upper() + core[1:] if opener else core)
