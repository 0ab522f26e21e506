"""Questions that readers ask first: doors of the first page, and examples beside the box for questions."""

EXAMPLES = (
    "Does celecoxib reduce HO after hip replacement?",
    "Is radiotherapy better than NSAIDs after acetabular fracture?",
    "What prevents HO after spinal cord injury?",
    "Does palovarotene help in FOP?",
    "Is male sex a risk factor for HO?",
    "Does early excision raise recurrence?",
)
