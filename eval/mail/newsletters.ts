/**
 * Texts of our own like the newsletters and the mail of shops, banks and services that people ask for. The public collections have
 * hardly any among their ham, and much spam imitates their form: trained without these, a model takes the form for the crime.
 */
import type { Email } from '../../schemas/generated.ts';

/** What stands above the items of a newsletter. */
const heads = `Welcome to this week's issue
In this issue
Today's headlines
If you cannot read this e-mail, view it on the web
Having trouble viewing this message? Click here to see it in your browser
You asked us to send you this update
Your weekly digest
Top stories
Here is your monthly newsletter
Special offers for our members
Dear customer
Dear subscriber
Hello and welcome
News and tips from our editors
Advertisement
This newsletter is brought to you by our sponsor
What's new this month
Breaking news
Please add our address to your address book so that our mail reaches your inbox`.split('\n');

/** What stands below them. */
const feet = `To unsubscribe from this newsletter, click here
You are receiving this e-mail because you subscribed to our newsletter
To change your preferences or your e-mail address, visit your profile page
To be removed from this list, reply with "unsubscribe" in the subject line
If you no longer wish to receive these messages, please follow this link to unsubscribe
This message was sent to you as a registered user
To subscribe or unsubscribe, visit our site
Copyright. All rights reserved
Read our privacy policy and terms of service
Please do not reply to this message, it was sent from an unattended mailbox
To advertise in this newsletter, contact our sales department
Forward this newsletter to a friend
Manage your subscription
Your comments are welcome. Write to the editor
Prices and availability are subject to change without notice
For customer service please contact us or call toll free
We respect your privacy and will never sell your e-mail address
Questions? Visit our help page
The names of companies and products are trademarks of their owners
You have received this e-mail because you registered on our web site and chose to receive special offers
Click here to update your account
To stop receiving these announcements, click below
Search the archives of past issues
Sign up a friend for free
HTML and text versions are available`.split('\n');

const items =
  `The new version of the browser is faster and fixes several security holes. Read the full review and download it free from our library.
Chip makers cut prices again this week as demand for personal computers stays weak, analysts say. Full story.
How to tune your wireless network at home: our experts tell you which channel, which antenna and which settings work best.
Reader question: my hard disk is full although I deleted everything. What can I do? Answer: empty the recycle bin, then run the clean-up tool.
Flights from London to Dublin from 19.99 one way including taxes. Book by midnight on Thursday for travel in October. Terms and conditions apply.
Save 20% on selected hotels in Paris, Rome and Madrid when you book this weekend. Rooms from $79 a night.
Your order has shipped. Track your package with the number below. Items in this shipment: one book, one DVD. Total: $38.42. Thank you for shopping with us.
Thank you for your order. Your credit card has been charged $24.95. You can view the status of your order in your account at any time.
Your statement is now available online. To view it, sign in to your account. For your security this message does not contain your account number.
Stocks closed higher on Wall Street today. The Dow rose 112 points, the Nasdaq gained 1.4 percent. Bonds fell, gold was unchanged. Our columnist says it is too early to buy.
Earnings preview: three technology companies report this week, and investors are looking for guidance on next quarter's sales.
Weather for your city: partly cloudy, high 68, low 51, chance of rain 20 percent. Extended forecast and radar are on our site.
Your horoscope for today: a good day to talk about money with your partner. In love, be patient.
New on DVD and CD this week: order now and get free shipping on purchases over $25. Customers who bought this also bought these titles.
Recommended for you: based on your ratings we think that you will like these new books. List price $29.95, our price $19.77, you save 34%.
Today's cartoon is in your inbox. Visit the store for mugs, calendars and t-shirts.
New jobs that match your profile: software engineer, network administrator, project manager. Apply online or post your resume to our database.
Register now for our developer conference in San Francisco. Early registration discount ends on Friday. Keynotes, tutorials and an exhibition floor.
Free web seminar: how to choose a content management system. Thursday at 11 a.m. Pacific. Space is limited, so reserve your seat today.
Support news: a patch is available for the mail server. Administrators should install it as soon as possible. See the advisory for affected versions and a workaround.
Tip of the day: press Control and F to search within a page. Have a tip? Send it in, and if we print it you win a t-shirt.
The auction that you are watching ends in three hours. Current bid: $45.00. You have been outbid on one item. Bid again now.
Someone has replied to your post in the forum. To read the reply, follow this link. You will get no more notices until you visit the thread.
The senate voted on the budget last night, and the president is expected to sign it. Reaction from both parties, an analysis, and pictures from the debate.
Sports: the home team won in extra innings, and the champion lost in the second round. Scores, standings and schedules.
Recipe of the week: roast chicken with lemon and garlic, ready in an hour. Serves four. Read more recipes for fall.
Health watch: a new study says that walking half an hour a day is as good as running. Doctors warn of too much sun.
Your free trial of the software ends in seven days. To keep using it, buy a license on our site; if you do nothing, no payment is taken.
Product update: version 4.2 adds reports, a calendar and better search. Existing customers upgrade free. Release notes are on the support page.
Exclusive for members: double points on all purchases this month and a coupon for 10 dollars off your next order of 50 dollars or more.
Back to school sale: laptops from $999 with free memory upgrade, printers from $79 after mail-in rebate. Limited time, while supplies last.
The museum opens a new exhibition in September. Members enter free and may bring a guest. Order tickets by phone or on the web.
This week at the movies: reviews, show times, trailers and interviews with the stars of the new comedy.
Your domain name expires in 30 days. Renew it today to keep your web site and e-mail working. One year $15, two years $28.
Thank you for registering. Your user name and password are below. Please keep this message. Click the link to confirm your e-mail address and activate your account.
Travel news: airlines add flights for the holidays, new rules for hand luggage, and a reader's guide to cheap rental cars in Europe.
We have changed our privacy statement and user agreement. The changes take effect next month. No action is needed unless you want to close your account.
Survey: tell us what you think of our service and enter to win a handheld computer. It takes five minutes, and your answers stay confidential.
From the archive: five years ago today the first phone with a colour screen was sold. Take our quiz and win a gift certificate.
Game reviews: two new titles for the console, a preview of the sequel, cheats and a patch for the PC version. Download the demo.
Small business: how to write an invoice that gets paid, when to hire your first employee, and loans with low interest for young companies.
Music: concert tickets on sale Saturday, new releases, free downloads of the week and an interview with the band.
Fund report: your portfolio rose 1.2 percent last month. Past performance is no guarantee of future results. See the prospectus before you invest.
Your package of channels now has two more movies every night. Upgrade to digital service and save 15 dollars a month for three months.
Technology briefing: a patent dispute, a merger that regulators may block, and a start-up that wants to replace the password.
Science: a telescope finds water, a fossil changes what we know of birds, and why coffee may be good for you.
Real estate guide: mortgage rates fell to a record low this week, and home sales rose. What that means for buyers and for those who refinance.
Gift ideas: flowers and chocolate delivered next day, 15% off with this code. Order by Wednesday noon.
Your phone bill is ready. Amount due: $42.17, to be paid by the 15th. Pay online free of charge.
Language course: word of the day, its origin, and three sentences to learn it by heart.
Our sponsor: compare mortgage rates from four lenders in two minutes, free and without obligation. Click for today's rates.
Sponsored link: trade stocks for $9.99 with no minimum balance. Open an account today and get 30 days of free trades.
Advertisement: lower your phone bill. Seven cents a minute, no monthly fee. Click here to learn more.
Editor's note: some of you asked why we carry ads. They pay for this newsletter, and we choose them with care. If an offer looks too good to be true, tell us.
Question: I get ten junk messages a day. How do I stop them? Answer: never reply, never click on remove links, and use the filter in your mail program.
The president of the company said that sales fell by 12 percent to 4.3 billion dollars, and that 2,000 jobs will go. Shares lost a tenth of their value.
Deal of the week: digital camera, 4 megapixels, $299 after a $50 rebate. Free case with every camera while they last.
Last chance: this sale ends Sunday at midnight. Take an extra 25% off clearance, in our stores and online.
You have 12,450 miles in your account. Earn 500 more on your next stay, or use them for a magazine subscription.
Congratulations! You have earned a certificate for a free ticket. Sign in to your account to see it. It can be used until the end of March.
Reminder: your membership ends on the 31st. Renew now and save 10 dollars on two years.
Thank you for your donation. You will get a receipt for your taxes by post in January.
Your account balance fell below the amount you set for this alert. Sign in to your bank's site to see your transactions.
A payment of $125.00 to the electric company was made from your checking account today. If you did not ask for it, call us.
You have sent a payment. Amount: $18.50. The seller has been told. View the details of this transaction in your account history.
Password reminder: you, or somebody with your address, asked for the password of your account. If it was not you, do nothing.
Your subscription has been confirmed. Keep this mail: it says how to leave the list and how to pause it while you are on vacation.
Call for papers: the annual conference on systems administration takes place in December. Papers are due on the 1st of June.
The alumni association invites you to its dinner in the city. Tickets are 60 dollars, and your guests are welcome.
School news: picture day is Tuesday, the book fair begins on Monday, and volunteers are needed for the bake sale.
Fare alert: Boston to Chicago, $138 round trip, travel Tuesday to Thursday. Fares change quickly, so book soon.
Cruise deals: seven nights in the Caribbean from $499 a person. Balcony cabins for $200 more. Call your travel agent.
Wine club: this month a red from Spain and a white from Chile. Your card will be charged 39 dollars on the 5th.
Diet and fitness: ten ways to eat less fat, a workout for a busy week, and a reader who lost 30 pounds tells how.
Ask the doctor: can vitamins prevent a cold? What we know about headache pills, and what your pharmacist can tell you.
Credit cards compared: which have no annual fee, which give cash back, and how to pay off debt on several cards.
Retirement: how much money you need, what interest rates mean for your savings, and five questions to ask an adviser before you invest.
Work at home? Readers say what they like and what they miss. With a checklist for your home office and taxes.
Making money on the web: three shops that earn a profit, how they find customers, and what they spend on marketing.
Web hosting review: we tested ten providers from 5 to 50 dollars a month for speed, support and uptime.
Search engine news: how pages are ranked, what changed this month, and which tricks get your site removed.
Webmaster tips: forms that work in every browser, smaller images, and a script of the week to copy and paste.
New freeware: an image viewer, a password keeper, a tool to find duplicate files. All tested, free for home use.
Printer ink: order two cartridges and the third is free, this week only. Shipping is free on orders over 50 dollars.
Your photos are ready. See and share them in your album, order prints for 25 cents each, or make a calendar.
You have a new greeting card from a friend. To see it, click on the link or copy it into your browser. It stays for 30 days.
A friend thought that you would like this article and sent it to you. Read the full story on our site.
Your invitation: join us for breakfast and a briefing on security for executives. There is no charge, but seats are limited.
White paper: cut the cost of storage by half. Download it free after a short registration.
Case study: how a bank moved 300 servers in a weekend. Listen to the recorded seminar, or talk to one of our specialists.
Beta testers wanted: the first 500 who sign up get the final version free. Report bugs in the forum.
License renewal: your maintenance contract ends in 60 days. A quote is attached. Reply to this message to order.
Poll results: 61 percent of you would pay for news on the web. Vote in this week's poll and see what others think.
Quote of the day, joke of the day, and this day in history. Send yours; the best win a coffee mug.
Puzzle of the week: the answer to the last one and the names of the winners. All who entered get a discount.
Television tonight: a documentary on the moon, the final of the song contest, and an old movie with a young star.
Gardening: plant bulbs now, save water with mulch, and order seeds from the spring catalog at last year's prices.
Cars: we drove three hybrids. Prices, mileage, warranty, and which dealers give a discount at the end of the year.
Baby's first year: what to expect in month five, coupons for diapers, and a free sample for new members.
Dating tips from our members, success stories of couples who met here, and twelve new profiles near you.`.split('\n');

/** Numbers in [0, 1) that repeat with the seed (Park & Miller 1988). */
export function unitsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function several(from: readonly string[], count: number, unit: () => number): string[] {
  return Array.from({ length: count }, () => from[Math.floor(unit() * from.length)]!);
}

type Written = Pick<Email, 'from' | 'subject' | 'text' | 'in_reply_to' | 'headers'>;

/** A newsletter of one to five items. `share` is the texts to choose from: all, or every second one. */
export function newsletter(unit: () => number, share: 'all' | 'even' | 'odd' = 'all'): Written {
  const [subject] = several(of(heads, share), 1, unit);
  const above = several(of(heads, share), unit() < 0.7 ? 1 : 0, unit);
  const between = several(of(items, share), 1 + Math.floor(unit() * 5), unit);
  const below = several(of(feet, share), 1 + Math.floor(unit() * 4), unit);
  return {
    from: { name: '', address: '' },
    subject: subject!.slice(0, 60) + (unit() < 0.4 ? '!' : ''),
    text: [...above, ...between, ...below].join('\n\n'),
    in_reply_to: null,
    headers: {},
  };
}

/** The same mail with a newsletter's lines above and below it, which so tell nothing of what it is. */
export function framed(email: Written, unit: () => number, share: 'all' | 'even' | 'odd' = 'all'): Written {
  const above = several(of(heads, share), unit() < 0.7 ? 1 : 0, unit);
  const below = several(of(feet, share), 1 + Math.floor(unit() * 4), unit);
  return { ...email, text: [...above, email.text, ...below].join('\n\n') };
}

function of(texts: readonly string[], share: 'all' | 'even' | 'odd'): readonly string[] {
  return share === 'all' ? texts : texts.filter((_, at) => at % 2 === (share === 'even' ? 0 : 1));
}
