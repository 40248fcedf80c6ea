namespace AudioStudio.Page;

/// <summary>What the page must know before it can draw itself.</summary>
/// <param name="Development">Whether the server can be crashed from the page.</param>
/// <param name="Supervised">Whether somebody starts it again.</param>
/// <param name="WaveformCost">Credits per waveform.</param>
/// <param name="Supabase">Where to sign in, when not here.</param>
internal sealed record StudioInfo(bool Development, bool Supervised, int WaveformCost, SupabaseInfo? Supabase);
