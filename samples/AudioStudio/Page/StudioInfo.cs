namespace AudioStudio.Page;

/// <summary>The information that the page needs before it renders.</summary>
/// <param name="Development">Whether the page may crash the server.</param>
/// <param name="Supervised">Whether a supervisor restarts the server.</param>
/// <param name="WaveformCost">The credits per waveform.</param>
/// <param name="Supabase">The Supabase project for the sign-in, or <see langword="null"/> for a sign-in at this server.</param>
internal sealed record StudioInfo(bool Development, bool Supervised, int WaveformCost, SupabaseInfo? Supabase);
