namespace Purchases;

/// <summary>
/// Contains the responses to webhooks. A payment provider repeats an event until it receives a 2xx status. A 2xx status is therefore sent
/// only if the ledger contains the event, or if the event does not concern this application.
/// </summary>
public static class WebhookResults
{
    public static IResult Invalid { get; } = Results.Problem("The signature, its age or the body is not valid.", statusCode: 400);

    public static IResult Ignored { get; } = Results.Ok("ignored");

    public static IResult From(bool isRecorded) => isRecorded
        ? Results.Ok("recorded")
        : Results.Problem("The event was not recorded. Send it again.", statusCode: 503);
}
