using AudioStudio.Page;
using Microsoft.AspNetCore.Http.HttpResults;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Files;

namespace AudioStudio.Waveforms;

/// <summary>
/// Maps the paid endpoint <c>POST /api/waveforms</c>. If the request fails, the response is a problem and the user is not charged.
/// </summary>
internal static class WaveformEndpoint
{
    public const int Cost = 5;

    private const string WavType = "audio/wav";

    public static void MapWaveforms(this IEndpointRouteBuilder app) => app.MapPost("/api/waveforms", DrawAsync).RequireCredits(Cost);

    private static async Task<Results<JsonHttpResult<WaveformResponse>, ProblemHttpResult>> DrawAsync(
        WaveformRequest request, HttpContext context, IFileStore files, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Name))
        {
            return Problem(StatusCodes.Status400BadRequest, "name_missing", "Say which file: {\"name\": \"…\"}.");
        }

        var result = await files.OpenAsync(await context.GetUserSessionAsync(), request.Name, cancellationToken);
        switch (result.Status)
        {
            case FileOpenStatus.NotFound:
                return Problem(StatusCodes.Status404NotFound, "file_not_found", "You have no file of this name.");
            case FileOpenStatus.Lost:
                return Problem(StatusCodes.Status410Gone, "file_lost", "The bytes of this file are missing.");
            case FileOpenStatus.Unavailable:
                return Problem(StatusCodes.Status503ServiceUnavailable, "files_unavailable",
                    "Files can't be read at the moment; try again with the same key.");
        }

        await using var content = result.Content!;
        if (result.File!.ContentType != WavType)
        {
            return Problem(StatusCodes.Status415UnsupportedMediaType, "not_a_wav",
                $"Only WAV files can be drawn; this is {result.File.ContentType}.");
        }

        var wav = await WavReader.ReadAsync(content, cancellationToken);
        return wav switch
        {
            { Status: WavReadStatus.Read, Waveform: { } waveform } =>
                TypedResults.Json(new WaveformResponse(result.File.Name, waveform.DurationS, waveform.Peaks),
                    StudioJson.Default.WaveformResponse),
            { Status: WavReadStatus.Unsupported } => Problem(StatusCodes.Status415UnsupportedMediaType, "unsupported_wav", wav.Message),
            _ => Problem(StatusCodes.Status422UnprocessableEntity, "broken_wav", wav.Message),
        };
    }

    private static ProblemHttpResult Problem(int status, string code, string sentence) =>
        TypedResults.Problem(detail: sentence, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
