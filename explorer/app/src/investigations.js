// The three worked investigations, on the bundled example. Their words say what to look at; every figure beside them is the API's.

const BALKAN = 'route/balkan-route';
const CAMBODIA = 'place/kh';

export const INVESTIGATIONS = [
  {
    id: 'diversified',
    title: 'A route that diversified',
    question: 'Which routes opened for drugs and later carried people, arms, fakes or stolen goods, and who says since when?',
    sign: 'stream',
    needs: [BALKAN],
    steps: [
      { title: 'All routes that carry both', text: 'Routes of which sources say that they carry drugs and something else. The lag lies between the first dates; where drugs or the others have no date, no order is claimed.', at: { result: 'diversified' } },
      { title: 'One of them, year by year', text: 'The Balkan route: each good begins where a source first dates it. A ring is a first report, which is no start; a full dot is a start that the source states. Choose a bar for its evidence.', at: { of: [BALKAN], view: 'cargo' } },
      { title: 'Where it leads', text: 'The legs as the sources give them. Most carry what the route as a whole carries, because the sources tie the goods to the route.', at: { of: [BALKAN], view: 'map', beside: 'cargo' } },
      { title: 'Who says so', text: 'People smuggling on this route: one source, with its grade, its remark, and the way its words took to us.', at: { of: [BALKAN], view: 'graph', sel: `CARRIES|${BALKAN}|commodity/migrants` } },
      { title: 'Ask better sources only', text: 'The same picture through a lens: sources graded B or better. The 1970s are gone, because the source for them is graded C. What looked like a history is one analyst’s account.', at: { of: [BALKAN], view: 'cargo', rel: 'B' } },
    ],
  },
  {
    id: 'scam-hubs',
    title: 'Scam hubs and their two kinds of victims',
    question: 'How many people were forced to work in scam hubs, who was defrauded from there, and who denies it?',
    sign: 'hubs',
    needs: [CAMBODIA, 'group/class-sea-scam-syndicates'],
    steps: [
      { title: 'Two kinds of victims', text: 'People lured into hubs and made to work there, and people defrauded from there. Each row is one source’s count; “at least” has no upper bound, and some sources give no number.', at: { result: 'victims' } },
      { title: 'Around Cambodia', text: 'Groups, victims and events around the country. Choose a line to see who claims it.', at: { of: [CAMBODIA], view: 'graph' } },
      { title: 'A disputed claim', text: 'That syndicates run hubs here is asserted by some and denied by others: both stand side by side, each with its grade.', at: { of: [CAMBODIA], view: 'graph', sel: `ACTIVE_IN|group/class-sea-scam-syndicates|${CAMBODIA}` } },
      { title: 'How people get there', text: 'Job-seeker routes to the compounds on the border of Thailand and Myanmar, on the map.', at: { of: ['route/bangkok-maesot-myawaddy', 'route/uganda-dubai-myawaddy'], view: 'map' } },
      { title: 'What is dated', text: 'Raids, rescues and counts in order. What has no date is counted below the picture and not drawn.', at: { of: [CAMBODIA, 'group/class-sea-scam-syndicates'], view: 'timeline' } },
    ],
  },
  {
    id: 'contradictions',
    title: 'Claims that contradict each other',
    question: 'Where do sources disagree, in what, and which side is graded better?',
    sign: 'against',
    needs: ['contradiction/europol-members-50k', 'contradiction/diversification'],
    steps: [
      { title: 'All recorded disagreements', text: 'Figures, dates, scope, translation: the compilers recorded in what two statements disagree. Nothing is averaged.', at: { result: 'contradictions' } },
      { title: 'Twice as many members', text: 'One press conference, two figures: choose either side to see its source and its way to us.', at: { of: ['contradiction/europol-members-50k'], view: 'graph' } },
      { title: 'Do groups diversify at all?', text: 'A briefing says that groups diversify; a study of networks in the EU says that most have one main activity. The scopes differ, so both may be right.', at: { of: ['contradiction/diversification'], view: 'graph' } },
      { title: 'Claims that are denied', text: 'Relations that at least one source denies, with the claims on both sides.', at: { result: 'denied' } },
    ],
  },
];
