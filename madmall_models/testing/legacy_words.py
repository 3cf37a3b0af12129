"""Hold the words of the legacy database: what circles are about, what stories tell, what is sold and explained."""

from __future__ import annotations

# name, description, type, tags, cultural focus
CIRCLE_TOPICS = (
    ("Newly Diagnosed", "A gentle place for the first months: what the numbers mean, what to ask, what can wait.",
     "diagnosis_stage", ("newly-diagnosed", "support", "first-steps"), ("sisterhood",)),
    ("Mothers with Graves", "Raising children while your own body asks for attention. No question is too small.",
     "support_group", ("parenting", "motherhood", "support"), ("family",)),
    ("At Work", "Leave, disclosure, fatigue and meetings at four: how we keep our jobs and our health.",
     "interest_based", ("workplace", "career", "boundaries"), ("leadership",)),
    ("Eyes on Us", "For everybody whose eyes changed: drops, prisms, surgery, photographs, and how we feel about them.",
     "diagnosis_stage", ("eye-disease", "support", "appearance"), ("beauty",)),
    ("Whole and Rested", "Rest as a practice: breath, prayer, baths, naps and saying no without an explanation.",
     "wellness_focus", ("holistic", "self-care", "rest"), ("spirituality", "tradition")),
    ("Twenty-Something", "Dating, studying and starting out with a thyroid that has its own plans.",
     "interest_based", ("young-adults", "dating", "school"), ("sisterhood",)),
    ("After Treatment", "Life after iodine or surgery: new doses, old worries, and who we are now.",
     "diagnosis_stage", ("after-treatment", "remission", "support"), ("strength",)),
    ("Sunday Kitchen", "Recipes that love us back, from greens to jollof, and honest talk about food.",
     "cultural_affinity", ("nutrition", "recipes", "culture"), ("food", "tradition")),
    ("Quiet Minds", "Anxiety, grief and sleepless nights, spoken about plainly.",
     "support_group", ("mental-health", "anxiety", "support"), ("faith",)),
    ("Neighbours", "Meet nearby: walks, rides to appointments and somebody to sit with you in the waiting room.",
     "location_based", ("local", "meetups", "walking"), ("community",)),
)  # fmt: skip
GUIDELINES = (
    "Speak from your own life. What is said here stays here.",
    "No cures for sale. Ask before you advise. Be on time, be kind.",
    "Listen twice, answer once. No photographs of others.",
)

TITLE_BEGINNINGS = (
    "The day I said no", "What rest taught me", "Learning my numbers", "A doctor who listened", "My mother's hands",
    "Dancing again", "The long way back", "I asked for help", "Choir practice", "Nobody saw it coming",
    "Finding my people", "The waiting room", "A softer morning", "My eyes, my story", "Cooking for two",
    "Letter to my old self",
)  # fmt: skip
TITLE_ENDINGS = ("", " at last", " this summer", " after the diagnosis", " with my sisters", ", and what came next")
OPENINGS = (
    "For a year I was told that I was only tired.",
    "My hands shook so hard that I could not thread a needle.",
    "I found the lump while I was putting on my earrings.",
    "The number on the paper meant nothing to me, and everything to the doctor.",
    "I have always been the strong one, and I was so tired of being strong.",
    "It began with my heart, racing while I lay still.",
    "My daughter noticed before I did.",
    "I lost twenty pounds, and everybody congratulated me.",
)
SENTENCES = (
    "So I wrote down every symptom with its date and read the whole list aloud.",
    "The nurse took my hand and said that I was not imagining it.",
    "At church they prayed for me, and one aunt drove me to every appointment.",
    "I cried in the car, and then I called the number that a stranger had given me.",
    "My manager moved the early meetings, and I stopped apologising for them.",
    "Some days the victory is a shower and a bowl of soup.",
    "I learned to say that I would think about it, and then I really did think about it.",
    "We laughed until the waiting room asked us to be quiet.",
    "Nobody had ever told me that the medicine takes weeks, so I thought that I was failing.",
    "My grandmother had the same eyes in every photograph, and no word for it.",
    "Now I keep my results in a blue folder and bring it everywhere.",
    "I am not back to who I was, and I have stopped waiting for her.",
    "The women in my circle answered at two in the morning.",
    "I asked for another doctor, and nothing terrible happened.",
    "He looked at the screen; she looked at me. That was the whole difference.",
    "On Saturdays we walk around the lake, slowly, and no one hurries.",
    "I told my sons the truth in small words, and they brought me tea.",
    "It took three prescriptions and one honest conversation.",
    "I still dance, but I sit down for the slow ones.",
    "If you are at the beginning, eat something, rest, and write your questions down.",
    "There was a time when I hid my neck under scarves; today I wear the gold chain.",
    "My cousin said that it was nerves. My cousin has apologised since.",
    "The pharmacist explained what nobody else had explained, and she did it twice.",
    "Healing did not feel like a sunrise; it felt like an ordinary Tuesday.",
)
COMMENTS = (
    "Thank you for writing this down.",
    "I could have written every word of it.",
    "Holding you close today.",
    "The blue folder! I started mine last week.",
    "My doctor said the very same thing, and I changed doctors too.",
    "Reading this in the waiting room. It helps.",
    "How long did it take until the shaking stopped?",
    "You made me laugh and cry on the bus, thank you for that.",
    "Sending love from my kitchen to yours.",
    "I am three weeks in and scared. This is the first thing that made sense.",
    "We are so proud of you, sis.",
    "Please tell us how the next appointment goes.",
)
REPLIES = ("Yes, exactly this.", "Thank you, I needed that.", "It took about six weeks for me.", "Amen.", "Same here!")
THEMES = ("diagnosis", "validation", "community", "empowerment", "boundaries", "self_care", "healing", "advocacy")
STORY_TAGS = ("newly-diagnosed", "work", "family", "faith", "eyes", "medication", "rest", "friendship", "food")
CULTURAL_ELEMENTS = ("sisterhood", "family_dynamics", "medical_bias", "church_culture", "strength")
THERAPEUTIC_VALUES = ("normalization", "hope", "connection", "boundary_setting", "stress_management")
TRIGGER_WARNINGS = ("medical_trauma", "weight", "surgery", "grief")

BRAND_BEGINNINGS = ("Baobab", "Calabash", "Copper Moon", "Daughters of", "Gold Coast", "Hibiscus", "Indigo", "Juniper",
                    "Magnolia", "Palm & Pearl", "River Stone", "Sweetgrass", "Velvet Root", "Wild Sorrel")  # fmt: skip
BRAND_ENDINGS = ("Apothecary", "Botanics", "Kitchen", "Rest House", "Skin", "Studio", "Teas", "Wellness", "Works")
BUSINESS_CATEGORIES = ("general", "skincare", "supplements", "aromatherapy", "meal-kits", "teas", "fitness", "therapy")
SPECIALTIES = ("thyroid care", "natural hair", "herbal teas", "sleep", "gentle movement", "skin comfort", "meal plans")
SERVICES = ("workshops", "delivery", "consultation", "group classes", "gift boxes", "home visits")
AUDIENCES = ("women with thyroid conditions", "new mothers", "students", "caregivers", "elders")
COMPETENCIES = ("speaks Spanish", "speaks Haitian Creole", "trauma informed", "faith friendly", "size inclusive")
MISSIONS = (
    "To make rest an everyday thing.",
    "Products that our grandmothers would recognise.",
    "Care that begins with listening.",
)

RESOURCE_BEGINNINGS = ("Understanding", "A checklist for", "Talking about", "A plain guide to", "Ten questions on",
                       "What we know about", "First steps with")  # fmt: skip
RESOURCE_SUBJECTS = ("your first lab results", "antithyroid medicine", "eye changes", "sleep and heat",
                     "iodine at home", "telling your employer", "a second opinion", "food and your thyroid",
                     "anxious mornings", "pregnancy and Graves' disease", "moving gently",
                     "caring for a friend")  # fmt: skip
LEGACY_CATEGORIES = ("Graves Disease", "Mental Health", "Healthcare Navigation", "Nutrition", "Sleep Health", "Fitness",
                     "Community", "Education")  # fmt: skip
CREDENTIALS = ("MD", "LCSW", "RD", "RN", "PhD", "NP")
OBJECTIVES = ("read a lab report", "prepare an appointment", "notice early signs", "ask for time off", "rest well")
CONSIDERATIONS = ("medical mistrust", "family expectations", "church life", "hair and skin", "language")
SUBCATEGORIES = ("basics", "medication", "daily life", "appointments", "family", "research")
IMAGE_SUBJECTS = (
    "sisters laughing", "morning stretch", "tea on a porch", "walk by the water", "circle of friends",
    "hands in a garden", "quiet reading hour", "dance class",
)  # fmt: skip
FEEDBACK_REASONS = ("wrong demographics", "cultural insensitivity", "stereotypical", "not empowering", "poor quality",
                    "other")  # fmt: skip
