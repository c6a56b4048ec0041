"""What several pages use: colours, numbers, links, sentences, charts that stand still, and what all visitors share."""
