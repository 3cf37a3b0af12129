"""Declare the legacy tables: their columns, and which of these can be spoilt in which way.

Columns that hold moments have no declared type, so that SQLite keeps a number as a number and a text as a text. No
column is NOT NULL and no foreign key is enforced: that is how such a database gets the rows it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class LegacyTable:
    """Be one table: ``definition`` has a column per line, then the columns by what can befall them.

    ``lifetime`` are the moments that a row is born with, two in most tables. ``mistakable`` is the number that somebody
    may have typed as text. The first of ``required`` is the one column without which a row says nothing.
    """

    name: str
    definition: str
    lifetime: tuple[str, ...]
    moments: tuple[str, ...]
    required: tuple[str, ...]
    prose: tuple[str, ...]
    lists: tuple[str, ...] = ()
    booleans: tuple[str, ...] = ()
    mistakable: str = ""
    counted: str = ""
    status: str = ""
    keys: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(line.split()[0] for line in self.definition.strip().splitlines())

    @cached_property
    def position(self) -> dict[str, int]:
        """Return the place of each column in a row."""
        return {column: place for place, column in enumerate(self.columns)}

    def create_statement(self) -> str:
        """Return the statement that makes the table."""
        lines = [line.strip() for line in self.definition.strip().splitlines()]
        keys = [f"FOREIGN KEY {key}" for key in self.keys]
        return f"CREATE TABLE {self.name} (\n  " + ",\n  ".join([*lines, *keys]) + "\n)"

    def insert_statement(self) -> str:
        """Return the statement that adds a row; prose given as bytes becomes text with just those bytes."""
        values = ", ".join("CAST(? AS TEXT)" if column in self.prose else "?" for column in self.columns)
        return f"INSERT INTO {self.name} VALUES ({values})"  # noqa: S608  (every part of it is declared below)


USERS = LegacyTable(
    name="users",
    definition="""
        id TEXT PRIMARY KEY
        email TEXT
        firstName TEXT
        lastName TEXT
        bio TEXT
        culturalBackground TEXT
        communicationStyle TEXT
        diagnosisStage TEXT
        supportNeeds TEXT
        profileVisibility TEXT
        showRealName BOOLEAN
        allowDirectMessages BOOLEAN
        shareHealthJourney BOOLEAN
        emailNotifications BOOLEAN
        pushNotifications BOOLEAN
        weeklyDigest BOOLEAN
        circleNotifications BOOLEAN
        contentPreferences TEXT
        circleInterests TEXT
        theme TEXT
        language TEXT
        timezone TEXT
        primaryGoals TEXT
        isVerified BOOLEAN
        isActive BOOLEAN
        tenantId TEXT
        lastActive
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt", "lastActive"),
    required=("email", "firstName", "lastName"),
    prose=("bio",),
    lists=("culturalBackground", "supportNeeds", "contentPreferences", "circleInterests", "primaryGoals"),
    booleans=(
        "showRealName", "allowDirectMessages", "shareHealthJourney", "emailNotifications", "pushNotifications",
        "weeklyDigest", "circleNotifications", "isVerified", "isActive",
    ),
)  # fmt: skip

CIRCLES = LegacyTable(
    name="circles",
    definition="""
        id TEXT PRIMARY KEY
        name TEXT
        description TEXT
        type TEXT
        privacyLevel TEXT
        isPrivate BOOLEAN
        requireApproval BOOLEAN
        maxMembers INTEGER
        culturalFocus TEXT
        allowGuestPosts BOOLEAN
        moderationLevel TEXT
        contentGuidelines TEXT
        moderators TEXT
        tags TEXT
        coverImage TEXT
        memberCount INTEGER
        activeMembers INTEGER
        postsThisWeek INTEGER
        postsThisMonth INTEGER
        engagementRate REAL
        averageResponseTime INTEGER
        createdBy TEXT
        isActive BOOLEAN
        tenantId TEXT
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt"),
    required=("name", "type"),
    prose=("description",),
    lists=("culturalFocus", "tags"),
    # Not isPrivate: spelt NULL it would contradict privacyLevel.
    booleans=("requireApproval", "allowGuestPosts", "isActive"),
    mistakable="postsThisMonth",
    counted="postsThisMonth",
    keys=("(createdBy) REFERENCES users (id)",),
)

CIRCLE_MEMBERS = LegacyTable(
    name="circle_members",
    definition="""
        circleId TEXT
        userId TEXT
        role TEXT
        status TEXT
        joinedAt
        lastActive
        contributionScore INTEGER
        badges TEXT
        notes TEXT
    """,
    lifetime=("joinedAt", "lastActive"),
    moments=("joinedAt", "lastActive"),
    required=("userId", "circleId"),
    prose=("notes",),
    lists=("badges",),
    mistakable="contributionScore",
    status="status",
    keys=("(circleId) REFERENCES circles (id)", "(userId) REFERENCES users (id)"),
)

STORIES = LegacyTable(
    name="stories",
    definition="""
        id TEXT PRIMARY KEY
        title TEXT
        content TEXT
        excerpt TEXT
        authorId TEXT
        authorDisplayName TEXT
        authorAvatar TEXT
        authorIsVerified BOOLEAN
        type TEXT
        status TEXT
        themes TEXT
        tags TEXT
        circleId TEXT
        likes INTEGER
        comments INTEGER
        shares INTEGER
        saves INTEGER
        views INTEGER
        helpfulVotes INTEGER
        readTime INTEGER
        wordCount INTEGER
        culturalElements TEXT
        therapeuticValue TEXT
        triggerWarnings TEXT
        ageAppropriate BOOLEAN
        moderationStatus TEXT
        moderationNotes TEXT
        featuredAt
        publishedAt
        tenantId TEXT
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt", "publishedAt", "featuredAt"),
    required=("content", "title", "authorId"),
    prose=("content", "excerpt"),
    lists=("themes", "tags", "culturalElements", "therapeuticValue"),
    booleans=("authorIsVerified", "ageAppropriate"),
    mistakable="readTime",
    counted="views",
    status="status",
    keys=("(authorId) REFERENCES users (id)", "(circleId) REFERENCES circles (id)"),
)

STORY_COMMENTS = LegacyTable(
    name="story_comments",
    definition="""
        id TEXT PRIMARY KEY
        storyId TEXT
        authorId TEXT
        authorDisplayName TEXT
        authorAvatar TEXT
        content TEXT
        parentCommentId TEXT
        likes INTEGER
        isEdited BOOLEAN
        moderationStatus TEXT
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt"),
    required=("content", "authorId", "storyId"),
    prose=("content",),
    booleans=("isEdited",),
    mistakable="likes",
    counted="likes",
    status="moderationStatus",
    keys=("(storyId) REFERENCES stories (id)", "(authorId) REFERENCES users (id)",
          "(parentCommentId) REFERENCES story_comments (id)"),
)  # fmt: skip

BUSINESSES = LegacyTable(
    name="businesses",
    definition="""
        id TEXT PRIMARY KEY
        name TEXT
        description TEXT
        mission TEXT
        foundedYear INTEGER
        founderStory TEXT
        website TEXT
        socialMedia TEXT
        email TEXT
        phone TEXT
        logo TEXT
        coverImage TEXT
        gallery TEXT
        type TEXT
        status TEXT
        category TEXT
        certifications TEXT
        specialties TEXT
        servicesOffered TEXT
        targetAudience TEXT
        culturalCompetencies TEXT
        rating REAL
        reviewCount INTEGER
        trustScore REAL
        responseRate REAL
        averageResponseTime INTEGER
        repeatCustomerRate REAL
        ownerId TEXT
        verifiedAt
        featuredUntil
        tenantId TEXT
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt", "verifiedAt", "featuredUntil"),
    required=("name", "email", "ownerId"),
    prose=("description", "founderStory"),
    lists=(
        "socialMedia", "gallery", "certifications", "specialties", "servicesOffered", "targetAudience",
        "culturalCompetencies",
    ),
    mistakable="foundedYear",
    counted="reviewCount",
    status="status",
    keys=("(ownerId) REFERENCES users (id)",),
)  # fmt: skip

RESOURCES = LegacyTable(
    name="resources",
    definition="""
        id TEXT PRIMARY KEY
        title TEXT
        description TEXT
        content TEXT
        summary TEXT
        type TEXT
        category TEXT
        subcategories TEXT
        status TEXT
        authorId TEXT
        authorName TEXT
        authorCredentials TEXT
        authorBio TEXT
        authorAvatar TEXT
        authorIsVerified BOOLEAN
        authorSpecialties TEXT
        readTime INTEGER
        difficulty TEXT
        prerequisites TEXT
        learningObjectives TEXT
        culturalConsiderations TEXT
        therapeuticValue TEXT
        evidenceBased BOOLEAN
        views INTEGER
        likes INTEGER
        saves INTEGER
        shares INTEGER
        helpfulVotes INTEGER
        averageRating REAL
        ratingCount INTEGER
        tags TEXT
        relatedResources TEXT
        externalUrl TEXT
        downloadUrl TEXT
        thumbnailUrl TEXT
        isPublic BOOLEAN
        isPremium BOOLEAN
        publishedAt
        tenantId TEXT
        createdAt
        updatedAt
    """,
    lifetime=("createdAt", "updatedAt"),
    moments=("createdAt", "updatedAt", "publishedAt"),
    required=("title", "description", "category", "authorId"),
    prose=("description", "content", "authorBio"),
    lists=(
        "subcategories", "authorCredentials", "authorSpecialties", "prerequisites", "learningObjectives",
        "culturalConsiderations", "therapeuticValue", "tags", "relatedResources",
    ),
    booleans=("authorIsVerified", "evidenceBased", "isPublic", "isPremium"),
    mistakable="readTime",
    counted="views",
    status="status",
    keys=("(authorId) REFERENCES users (id)",),
)  # fmt: skip

IMAGES = LegacyTable(
    name="images",
    definition="""
        id INTEGER PRIMARY KEY
        source TEXT
        category TEXT
        filePath TEXT
        altText TEXT
        status TEXT
        createdAt
    """,
    lifetime=("createdAt",),
    moments=("createdAt",),
    required=("filePath", "category", "altText"),
    prose=("altText",),
    status="status",
)

FEEDBACK = LegacyTable(
    name="feedback",
    definition="""
        id INTEGER PRIMARY KEY
        imageId INTEGER
        vote INTEGER
        comment TEXT
        createdAt
    """,
    lifetime=("createdAt",),
    moments=("createdAt",),
    required=("imageId", "vote"),
    prose=("comment",),
    mistakable="vote",
    keys=("(imageId) REFERENCES images (id)",),
)

TABLES = (USERS, CIRCLES, CIRCLE_MEMBERS, STORIES, STORY_COMMENTS, BUSINESSES, RESOURCES, IMAGES, FEEDBACK)
